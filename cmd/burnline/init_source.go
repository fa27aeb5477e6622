package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/spf13/cobra"

	"burnline/internal/propose"
	"burnline/internal/redact"
	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics"
)

// source is where init looks.
type source struct {
	data *stored
	// burnline is true for a running Burnline, which counts spans itself; known are its SLOs and
	// receivers says how many it has.
	burnline  bool
	known     []propose.Known
	receivers int
	// page stands before the addresses of SLOs' pages, and asked is what check --data takes.
	page, asked string
}

// open opens what --from names. Of an address it finds out whether a Burnline answers there.
func (f *initFlags) open(ctx context.Context, cmd *cobra.Command) (*source, error) {
	s := &source{page: localServer, asked: f.from}
	if u, err := url.Parse(f.from); namedBy(cmd, "from") == serverVariable && (err != nil || u.Host == "") {
		return nil, fmt.Errorf("%s %s: write an address such as %s", serverVariable, f.from, localServer)
	}
	token := ""
	if isAddress(f.from) {
		client := serverClient{server: f.from, tokenFile: f.tokenFile}
		var err error
		if token, err = client.token(cmd); err != nil {
			return nil, err
		}
		if err := s.recognise(ctx, cmd, &client, strings.TrimSuffix(strings.TrimRight(f.from, "/"), "/prometheus")); err != nil {
			return nil, err
		}
		if s.burnline {
			s.asked = s.page + "/prometheus"
		}
	}
	var err error
	s.data, err = openData(s.asked, strings.TrimSpace(token), nil)
	return s, err
}

// recognise asks whether a Burnline answers at an address, and what it has already.
func (s *source) recognise(ctx context.Context, cmd *cobra.Command, client *serverClient, address string) error {
	var health struct {
		Version   string
		Receivers []string
	}
	is, err := s.ask(ctx, cmd, client, address+"/api/v1/health", &health)
	if err != nil || !is || health.Version == "" {
		return err
	}
	var slos struct {
		SLOs []struct {
			ID, Service, Kind string
			Counts            []struct {
				Metric   string
				Matchers []struct{ Label, Op, Value string }
			}
			Spans *struct{ Service, Bad string }
		}
	}
	if _, err := s.ask(ctx, cmd, client, address+"/api/v1/slos", &slos); err != nil {
		return err
	}
	s.burnline, s.page, s.receivers = true, address, len(health.Receivers)
	for _, one := range slos.SLOs {
		d := slo.Definition{ID: one.ID, Service: one.Service}
		if one.Spans != nil {
			d.SLI.Spans = &slo.SpansSLI{Service: one.Spans.Service, Bad: one.Spans.Bad}
		} else {
			var sum slo.Sum
			for _, c := range one.Counts {
				sel := slo.Selector{Name: c.Metric}
				for _, m := range c.Matchers {
					sel.Matchers = append(sel.Matchers, slo.Matcher{Label: m.Label, Op: slo.MatchOp(m.Op), Value: m.Value})
				}
				sum = append(sum, slo.Signed{Selector: sel})
			}
			d.SLI.Events = &slo.EventsSLI{Total: sum}
		}
		s.known = append(s.known, propose.KnownOf(&d))
	}
	return nil
}

// ask gets a part of Burnline's own API; false where something else answers.
func (s *source) ask(ctx context.Context, cmd *cobra.Command, client *serverClient, address string, into any) (bool, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false, errors.New("--from: write an address such as " + localServer)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, fmt.Errorf("--from %s: %w", redact.URL(u), err)
	}
	resp, err := client.do(cmd, req, 30*time.Second)
	if err != nil {
		return false, fmt.Errorf("look at %s: %w; write --from and the address of a Burnline or a Prometheus", redact.URL(u), errors.Unwrap(err))
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return false, fmt.Errorf("%s answers %s: write --token-file and a file with a token, or set %s", redact.URL(u), resp.Status, tokenVariable)
	}
	if resp.StatusCode != http.StatusOK {
		return false, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return false, fmt.Errorf("read the answer of %s: %w", redact.URL(u), err)
	}
	return json.Unmarshal(body, into) == nil, nil
}

// mostRows bounds what is looked at of one metric.
const mostRows = 20000

// rows lists the series that proposals know, by the labels that matter to them.
func (s *source) rows(ctx context.Context) ([]propose.Row, []propose.Gap, error) {
	names, err := s.vector(ctx, "count by (__name__) ({__name__=~"+strconv.Quote(propose.Names())+"})")
	if err != nil {
		return nil, nil, err
	}
	var rows []propose.Row
	var gaps []propose.Gap
	for _, one := range names {
		name := one.labels.Get(slo.MetricName)
		all, err := s.vector(ctx, "count by ("+strings.Join(quoted(propose.Labels(name)), ",")+") ("+slo.Selector{Name: name}.String()+")")
		if err != nil {
			return nil, nil, err
		}
		if len(all) > mostRows {
			gaps = append(gaps, propose.Gap{Message: fmt.Sprintf("%s has more than %d series to tell apart and was left out", name, mostRows)})
			continue
		}
		for _, r := range all {
			if s.burnline && r.labels.Get("job") == ownJob {
				continue // it can't tell of itself that it is gone
			}
			rows = append(rows, r.labels.With(slo.MetricName, name))
		}
	}
	slices.SortFunc(rows, func(a, b propose.Row) int { return strings.Compare(a.String(), b.String()) })
	return rows, gaps, nil
}

// quoted writes labels as "by" takes them.
func quoted(labels []string) []string {
	all := slices.Clone(labels)
	for i, l := range all {
		if strings.Contains(l, ".") {
			all[i] = strconv.Quote(l)
		}
	}
	return all
}

// point is one result of an instant query.
type point struct {
	labels slo.Labels
	value  float64
}

// vector asks for a value by labels, in no particular order.
func (s *source) vector(ctx context.Context, expr string) ([]point, error) {
	v, err := s.data.Query(ctx, expr, s.data.at, s.data.at, 0)
	if err != nil {
		return nil, err
	}
	vector, ok := v.(promql.Vector)
	if !ok {
		return nil, fmt.Errorf("query %s: it gives a %s", expr, v.Type())
	}
	var all []point
	for _, sample := range vector {
		all = append(all, point{metrics.FromLabels(sample.Metric), sample.F})
	}
	return all, nil
}

// ownJob is the job under which a Burnline keeps its own metrics.
const ownJob = "burnline"

// young is a store that holds nothing before what is read of it. The engine asks for the sample before the first one
// of every series that was born in the time that it reads, which over HTTP is a request each; what is read begins
// long enough before the past that is counted for such a sample to change nothing in it.
type young struct{ *stored }

// Before implements engine.Reader.
func (young) Before(context.Context, slo.Labels, int64) (slo.Sample, bool, error) {
	return slo.Sample{}, false, nil
}

// mostSamples is how many samples are read for one SLO's past, and mostPastSeries of how many series: they bound time and traffic.
const (
	mostSamples    = 5e6
	mostPastSeries = 100_000
)

// stretches are how far back it is looked when that would be too much.
func stretches() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{28 * day, 14 * day, 7 * day, 3 * day, day, 6 * time.Hour, time.Hour}
}

// past counts how a candidate fared, by the engine that will count its SLO. It looks back as far as asked for, or
// less where that is more samples than it reads; where even an hour is, nothing is read, and the gap says so.
func (s *source) past(ctx context.Context, c *propose.Candidate, back time.Duration) (propose.Figures, *propose.Gap, error) {
	back, gap, err := s.reach(ctx, c, back)
	if err != nil || gap != nil {
		return propose.Figures{}, gap, err
	}
	// Nothing alerts, and the one step only lets the engine read what is stored.
	d := slo.Definition{ID: c.ID(), Name: c.Name, Service: c.Service, Objective: 99, Window: slo.Window{Rolling: back}, SLI: c.Probe, GroupBy: c.ProbeBy, NoData: slo.NoDataIgnore}
	if c.Sliced {
		d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: c.Probe.Samples.Every, Target: 1}
	}
	replayed, err := engine.Replay(ctx, engine.ReplayOptions{
		Definitions: []slo.Definition{d}, Reader: young{s.data}, Querier: metrics.Ranges{Store: s.data}, From: s.data.at.Add(-time.Second), To: s.data.at,
	})
	if err != nil {
		return propose.Figures{}, nil, fmt.Errorf("count the past of %s: %w", c.ID(), err)
	}
	f := propose.Figures{Buckets: map[float64]float64{}}
	for _, status := range replayed.Statuses {
		b := status.Budget
		if f.Elapsed = max(f.Elapsed, min(b.Elapsed, back)); len(c.ProbeBy) == 0 {
			f.Counts.Good += b.Counts.Good
			f.Counts.Total += b.Counts.Total
			continue
		}
		le, err := strconv.ParseFloat(status.Group.Get("le"), 64)
		if err == nil {
			f.Buckets[le] += b.Counts.Total
		}
	}
	if total := f.Buckets[math.Inf(1)]; len(f.Buckets) > 0 {
		f.Counts = slo.Counts{Good: total, Total: total}
	}
	return f, nil, nil
}

// reach is how far back the past can be read within mostSamples, by what came in the last hour. The gap says why
// nothing of it can be.
func (s *source) reach(ctx context.Context, c *propose.Candidate, back time.Duration) (time.Duration, *propose.Gap, error) {
	if c.Probe.Events == nil {
		return back, nil, nil
	}
	selector := c.Probe.Events.Total[0].Selector.String()
	series, err := s.vector(ctx, "count("+selector+")")
	if err != nil {
		return 0, nil, err
	}
	if len(series) > 0 && series[0].value > mostPastSeries {
		return 0, tooMuch(c, fmt.Sprintf("%.0f series", series[0].value), fmt.Sprintf("%d series", mostPastSeries)), nil
	}
	last, err := s.vector(ctx, "sum(count_over_time("+selector+"[1h]))")
	if err != nil || len(last) == 0 {
		return back, nil, err
	}
	if last[0].value > mostSamples {
		return 0, tooMuch(c, fmt.Sprintf("%.0f samples in the last hour alone", last[0].value), fmt.Sprintf("%.0f samples", float64(mostSamples))), nil
	}
	for _, shorter := range append([]time.Duration{back}, stretches()...) {
		if shorter <= back && last[0].value*shorter.Hours() <= mostSamples {
			return shorter, nil, nil
		}
	}
	return time.Hour, nil, nil
}

// tooMuch says that the past of a candidate was not looked at.
func tooMuch(c *propose.Candidate, has, most string) *propose.Gap {
	return &propose.Gap{Service: c.Service, Message: fmt.Sprintf("%s was not looked at: %s has %s, and at most %s are read", c.ID(), c.Metric, has, most),
		Instead: "write the SLO by hand (docs/slos.md); burnline check --data says what it finds of it"}
}
