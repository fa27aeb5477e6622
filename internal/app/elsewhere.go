package app

import (
	"context"
	"sync"
	"time"

	"burnline/slo"
)

// How often it is looked by labels where an open incident's events fail, and how long that may
// take: it reads stored samples.
const (
	labelsEvery    = time.Minute
	labelsPatience = 2 * time.Second
)

// byLabels says where the events of incidents fail by the labels of their metrics, for SLOs
// whose services send no spans.
type byLabels struct {
	mu    sync.Mutex
	known map[string]labelsAnswer
}

// labelsAnswer is what was found of an incident, and when.
type labelsAnswer struct {
	at    time.Time
	where *slo.Where
}

// where compares the events of an incident with those of before, at most once a minute.
func (b *byLabels) where(ctx context.Context, x *explainer, in slo.Incident, now time.Time) *slo.Where {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[string]labelsAnswer{}
	}
	have, ok := b.known[in.Key]
	if ok && now.Before(have.at.Add(labelsEvery)) {
		return have.where
	}
	ctx, cancel := context.WithTimeout(ctx, labelsPatience)
	defer cancel()
	where, err := x.Where(ctx, in.SLO, in.Groups, in.Started, now)
	if err != nil {
		where = have.where // the metric store is away or slow: what is known stays
	}
	b.known[in.Key] = labelsAnswer{now, where}
	for key, old := range b.known {
		if now.Sub(old.at) > 10*labelsEvery {
			delete(b.known, key)
		}
	}
	return where
}

// elsewhere says where an incident of an SLO without spans fails; nil before the engine is
// built.
func (p *parts) elsewhere(ctx context.Context, in slo.Incident, _ *slo.Definition) *slo.Where {
	if p.explainer == nil {
		return nil
	}
	return p.labels.where(ctx, p.explainer, in, time.Now())
}
