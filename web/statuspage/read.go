package statuspage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting/statuspage"
	"burnline/slo/report"
)

// read brings what is known up to now, as far as it is due and the stores answer.
func (b *Board) read(ctx context.Context, c *statuspage.Config) {
	w := &b.known
	since := w.At.AddDate(0, 0, -statuspage.Days)
	b.try(ctx, "maintenance", readTimeout, func(ctx context.Context) error {
		all, err := b.o.Maintenances(ctx, since)
		if err == nil {
			w.Maintenances = all
		}
		return err
	})
	b.try(ctx, "posts", readTimeout, func(ctx context.Context) error {
		all, err := b.o.Posts(ctx, since)
		if err == nil {
			w.Posts = all
		}
		return err
	})
	if open := openKeys(w); open != b.open || !w.At.Before(b.past) {
		b.past = w.At.Add(again)
		b.try(ctx, "incidents", readTimeout, func(ctx context.Context) error {
			all, err := b.o.Incidents(ctx, since)
			if err == nil {
				w.Incidents, b.open, b.past = all, open, w.At.Add(pastEvery)
			}
			return err
		})
	}
	if of := wording(c, w); of != b.of || !w.At.Before(b.history) {
		b.history = w.At.Add(again)
		b.try(ctx, "history", historyTimeout, func(ctx context.Context) error {
			all, err := b.histories(ctx, c)
			if err == nil {
				w.Histories, b.of, b.history = all, of, w.At.Add(historyEvery)
			}
			return err
		})
	}
}

// try reads once, counts a failure, and says in the log when failures begin and end.
func (b *Board) try(ctx context.Context, what string, most time.Duration, read func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err := read(ctx)
	switch {
	case err == nil && b.failing[what]:
		b.o.Logger.Info("the status page is up to date again", "of", what)
	case err != nil:
		b.metrics.reads.WithLabelValues(what).Inc()
		if !b.failing[what] {
			b.o.Logger.Warn("the status page shows what was known before", "of", what, "error", err)
		}
	}
	b.failing[what] = err != nil
}

// histories reads how all journeys were.
func (b *Board) histories(ctx context.Context, c *statuspage.Config) (map[string]statuspage.History, error) {
	w := &b.known
	var ids []string
	for i := range c.Journeys {
		ids = append(ids, c.Journeys[i].Behind(w.Definitions)...)
	}
	slices.Sort(ids)
	records, err := b.o.Records(ctx, slices.Compact(ids), c.Begin(w.At), w.At)
	if err != nil {
		return nil, err
	}
	all := map[string]statuspage.History{}
	for i := range c.Journeys {
		j := &c.Journeys[i]
		var behind []*report.Record
		for _, id := range j.Behind(w.Definitions) {
			if r := records[id]; r != nil {
				behind = append(behind, r)
			}
		}
		all[j.Name] = c.Past(w.At, behind)
	}
	return all, nil
}

// openKeys tells apart what is open at one time and another.
func openKeys(w *statuspage.World) string {
	var keys []string
	for _, in := range openIncidents(w.Statuses) {
		keys = append(keys, in.Key)
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), " ")
}

// wording tells apart what histories are of.
func wording(c *statuspage.Config, w *statuspage.World) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.Zone, c.Begin(w.At))
	for i := range c.Journeys {
		j := &c.Journeys[i]
		fmt.Fprintf(&b, "\n%q %q", j.Name, j.Behind(w.Definitions))
	}
	return b.String()
}
