package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/prompb"
)

const (
	// maxSamples is the most that one request carries.
	maxSamples = 2000
	// maxSearch is how many requests one commit spends on finding out which
	// samples of a refused request are to blame. Beyond it a refused request is
	// dropped as a whole, and counted.
	maxSearch = 1000
)

// Commit implements storage.AppenderV2: it sends the batch and returns after
// the backend has confirmed it.
func (a *appender) Commit() error {
	start := time.Now() // How long the network took, whatever clock the store is given.
	err := a.send()
	a.s.m.commits.Observe(time.Since(start).Seconds())
	if err != nil {
		a.s.m.failed.Inc()
		return err
	}
	for reason, n := range a.refused.byReason {
		a.s.m.rejected.WithLabelValues(reason).Add(float64(n))
	}
	return nil
}

// send sends all requests of the batch.
func (a *appender) send() error {
	if err := a.dropHistograms(); err != nil {
		return err
	}
	search := maxSearch
	for _, b := range []*batch{&a.floats, &a.histograms} {
		for _, part := range parts(b.series, maxSamples) {
			if err := a.sendPart(a.ctx, part, &search); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropHistograms drops the native histograms that the backend can't keep.
func (a *appender) dropHistograms() error {
	if len(a.histograms.series) == 0 {
		return nil
	}
	backend, err := a.s.flavour.get(a.ctx)
	if err != nil {
		return err
	}
	kept := a.histograms.series[:0]
	for _, ts := range a.histograms.series {
		hs := ts.Histograms[:0]
		for _, h := range ts.Histograms {
			if backend.histograms && h.Schema >= histogram.ExponentialSchemaMin {
				hs = append(hs, h)
				continue
			}
			a.refused.add("histogram", "the metric backend does not keep native histograms of this kind", 1)
		}
		if ts.Histograms = hs; len(hs) > 0 {
			kept = append(kept, ts)
		}
	}
	a.histograms.series = kept
	return nil
}

// sendPart sends one request. When the backend refuses it, the samples to
// blame are found by halves and dropped: some backends refuse a request as a
// whole because of one sample, and to send what they did take again is harmless.
func (a *appender) sendPart(ctx context.Context, part []prompb.TimeSeries, search *int) error {
	err := a.s.client.write(ctx, part)
	if err == nil {
		a.s.m.written.Add(float64(count(part)))
		now := a.s.now()
		a.s.late.note(part, now.Add(-a.s.offset-lateAfter).UnixMilli(), now)
		return nil
	}
	var answer *statusError
	if !errors.As(err, &answer) || !refusal(answer) {
		return err
	}
	n := count(part)
	if n <= 1 || *search <= 0 {
		a.refused.add(reasonOf(answer.text), refusalText(answer), n)
		return nil
	}
	*search -= 2
	for _, half := range halves(part) {
		if err := a.sendPart(ctx, half, search); err != nil {
			return err
		}
	}
	return nil
}

// refusal reports whether the backend will never take the request, however
// often it is sent. A wrong address or a missing right is not one: the data is fine.
func refusal(e *statusError) bool {
	switch e.code {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return !strings.Contains(e.text, "unsupported path")
	case http.StatusInternalServerError:
		// Prometheus 2.x answers so to samples that it will never take.
		return strings.Contains(e.text, "too old sample") || strings.Contains(e.text, "native histograms are disabled")
	}
	return false
}

func refusalText(e *statusError) string {
	if e.text == "" {
		return fmt.Sprintf("the metric backend answered %d", e.code)
	}
	return e.text
}

// count returns how many samples the request holds.
func count(part []prompb.TimeSeries) int {
	n := 0
	for i := range part {
		n += len(part[i].Samples) + len(part[i].Histograms)
	}
	return n
}

// parts cuts series into requests of at most limit samples, in order. A
// series' exemplars stay with its last samples.
func parts(series []prompb.TimeSeries, limit int) [][]prompb.TimeSeries {
	var (
		out  [][]prompb.TimeSeries
		part []prompb.TimeSeries
		room = limit
	)
	for _, ts := range series {
		for count([]prompb.TimeSeries{ts}) > room {
			head, tail := cut(ts, room)
			if room > 0 {
				part = append(part, head)
			}
			out = append(out, part)
			part, room, ts = nil, limit, tail
		}
		part = append(part, ts)
		room -= count([]prompb.TimeSeries{ts})
	}
	if len(part) > 0 {
		out = append(out, part)
	}
	return out
}

// halves cuts a request of at least two samples into two.
func halves(part []prompb.TimeSeries) [][]prompb.TimeSeries {
	if n := len(part); n > 1 {
		return [][]prompb.TimeSeries{part[:n/2], part[n/2:]}
	}
	head, tail := cut(part[0], count(part)/2)
	return [][]prompb.TimeSeries{{head}, {tail}}
}

// cut splits a series after its first n samples.
func cut(ts prompb.TimeSeries, n int) (head, tail prompb.TimeSeries) {
	head.Labels, tail.Labels = ts.Labels, ts.Labels
	i := min(n, len(ts.Samples))
	head.Samples, tail.Samples = ts.Samples[:i], ts.Samples[i:]
	j := min(n-i, len(ts.Histograms))
	head.Histograms, tail.Histograms = ts.Histograms[:j], ts.Histograms[j:]
	tail.Exemplars = ts.Exemplars
	return head, tail
}
