// Package ruletest compares the rules that Burnline writes with Burnline: the
// same data, rules in Prometheus' own rule engine, SLOs in Burnline's.
package ruletest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"burnline/rules"
	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics/local"
)

const (
	scrapeEvery = 15 * time.Second
	pageEvery   = rules.DefaultInterval
	tileEvery   = 5 * time.Minute
)

// world is a store on a clock of its own, in which time passes scrape by scrape:
// counters rise, and rules are evaluated when it is their turn.
type world struct {
	t      *testing.T
	zero   time.Time
	now    time.Time
	store  *local.Store
	def    slo.Definition
	groups []*promrules.Group
	values map[string]float64
	gauges rates // values that stay as they are
	// quick and slow are observations a second of a native histogram, at 0.2 s and at
	// 0.7 s, and took counts them.
	quick, slow float64
	took        [2]int64
	series      map[string]labels.Labels
	// firing are the alerts by severity and group, and opened their beginnings.
	firing map[string]int // place in opened
	opened []alert
}

// alert is a stretch in which rules of one severity fired for a group.
type alert struct {
	severity, group string
	at, until       time.Time
}

func newWorld(t *testing.T, def slo.Definition) *world {
	t.Helper()
	zero := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	w := &world{t: t, zero: zero, now: zero, def: def, values: map[string]float64{}, series: map[string]labels.Labels{}, firing: map[string]int{}}
	store, err := local.Open(local.Options{
		Dir: t.TempDir(), Now: func() time.Time { return w.now }, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	w.check(err)
	t.Cleanup(func() { w.check(store.Close()) })
	w.store = store
	var text bytes.Buffer
	_, err = rules.Write(&text, []slo.Definition{def}, rules.Options{})
	w.check(err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	w.check(os.WriteFile(file, text.Bytes(), 0o600))
	manager := promrules.NewManager(&promrules.ManagerOptions{
		QueryFunc:  promrules.EngineQueryFunc(store.Engine(), store.Queryable()),
		NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
		Appendable: store.DB(), Queryable: store.Queryable(), Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	loaded, errs := manager.LoadGroups(pageEvery, labels.EmptyLabels(), "", nil, false, file)
	if len(errs) > 0 {
		t.Fatalf("Prometheus refuses the rules: %v\n%s", errs, text.String())
	}
	for _, g := range loaded {
		w.groups = append(w.groups, g)
	}
	slices.SortFunc(w.groups, func(a, b *promrules.Group) int { return strings.Compare(a.Name(), b.Name()) })
	return w
}

func (w *world) check(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// rates are events a second, by the text of their series.
type rates map[string]float64

// pass lets time go by at the given rates. Every series reports from the first scrape on.
func (w *world) pass(d time.Duration, r rates) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(scrapeEvery)
		app := w.store.AppenderV2(w.t.Context())
		for name, rate := range r {
			if w.series[name].IsEmpty() {
				w.series[name] = parseSeries(name)
			}
			w.values[name] += rate * scrapeEvery.Seconds()
		}
		for name, v := range w.gauges {
			if w.series[name].IsEmpty() {
				w.series[name] = parseSeries(name)
			}
			w.values[name] = v
		}
		for name, v := range w.values {
			_, err := app.Append(0, w.series[name], 0, w.now.UnixMilli(), v, nil, nil, storage.AOptions{})
			w.check(err)
		}
		if w.quick+w.slow > 0 {
			_, err := app.Append(0, labels.FromStrings(slo.MetricName, "took_seconds", "job", "shop"), 0, w.now.UnixMilli(), 0, w.observe(), nil, storage.AOptions{})
			w.check(err)
		}
		w.check(app.Commit())
		w.evaluate()
	}
}

// observe returns the native histogram as it is after one more scrape interval: one bucket
// from 0.125 s to 0.25 s, and one from 0.5 s to 1 s.
func (w *world) observe() *histogram.Histogram {
	w.took[0] += int64(w.quick * scrapeEvery.Seconds())
	w.took[1] += int64(w.slow * scrapeEvery.Seconds())
	return &histogram.Histogram{
		Count: uint64(w.took[0] + w.took[1]), Sum: 0.2*float64(w.took[0]) + 0.7*float64(w.took[1]),
		PositiveSpans:   []histogram.Span{{Offset: -2, Length: 1}, {Offset: 1, Length: 1}},
		PositiveBuckets: []int64{w.took[0], w.took[1] - w.took[0]},
	}
}

// evaluate evaluates the groups whose turn it is, and notes what began to fire.
func (w *world) evaluate() {
	firing := map[string]bool{}
	for _, g := range w.groups {
		if w.now.Sub(w.zero)%g.Interval() == 0 {
			g.Eval(w.t.Context(), w.now)
		}
		for _, r := range g.Rules() {
			if err := r.LastError(); err != nil {
				w.t.Fatalf("%s: %v", r, err)
			}
		}
		for _, r := range g.AlertingRules() {
			for _, a := range r.ActiveAlerts() {
				if a.State == promrules.StateFiring {
					var pairs []string
					for _, name := range w.def.GroupBy {
						pairs = append(pairs, name, a.Labels.Get(name))
					}
					firing[a.Labels.Get("severity")+" "+slo.NewLabels(pairs...).String()] = true
				}
			}
		}
	}
	for key := range firing {
		if _, known := w.firing[key]; !known {
			severity, group, _ := strings.Cut(key, " ")
			w.firing[key] = len(w.opened)
			w.opened = append(w.opened, alert{severity: severity, group: group, at: w.now})
		}
		w.opened[w.firing[key]].until = w.now
	}
	for key := range w.firing {
		if !firing[key] {
			delete(w.firing, key)
		}
	}
}

// compare replays the same samples through Burnline's engine, and requires the same
// alerts: each of one side has its like on the other, within one evaluation of its
// rules. What rules say of a group of which Burnline has told already (a ticket beside
// a page, and each slower policy of the same breach) is no news and no difference.
func (w *world) compare(from time.Time) {
	w.t.Helper()
	got, err := engine.Replay(w.t.Context(), engine.ReplayOptions{
		Definitions: []slo.Definition{w.def}, Reader: w.store, Querier: w, From: from, To: w.now,
	})
	w.check(err)
	for _, inc := range got.Incidents {
		for _, g := range inc.Groups {
			later := inc.EpisodeStarted != inc.Started // after a page of the same breach the rules' ticket fires already
			if !slices.ContainsFunc(w.opened, func(a alert) bool {
				return a.severity == string(inc.Severity) && a.group == g.String() && (a.at.Sub(inc.Opened).Abs() <= within(inc.Policy.Policy) ||
					later && inc.Severity == slo.Ticket && a.at.Before(inc.Opened) && a.until.After(inc.Opened))
			}) {
				w.t.Errorf("Burnline opened a %s for %q %s after the start (%s); the rules did not: %v", inc.Severity, g, inc.Opened.Sub(w.zero), inc.Reason, w.since())
			}
		}
	}
	for _, a := range w.opened {
		if !slices.ContainsFunc(got.Incidents, func(inc engine.ReplayedIncident) bool {
			return (a.severity == string(inc.Severity) || a.severity == "ticket") && slices.ContainsFunc(inc.Groups, func(g slo.Labels) bool { return g.String() == a.group }) &&
				!a.at.Before(inc.Opened.Add(-within(inc.Policy.Policy))) && (inc.Closed.IsZero() || !a.at.After(inc.Closed.Add(w.def.ResolveAfter)))
		}) {
			w.t.Errorf("the rules opened a %s for %q %s after the start; Burnline did not: %v", a.severity, a.group, a.at.Sub(w.zero), incidents(got.Incidents, w.zero))
		}
	}
}

// QueryRange implements engine.Querier on the store.
func (w *world) QueryRange(ctx context.Context, expr string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	value, err := w.store.Query(ctx, expr, from, to, step)
	if err != nil {
		return err
	}
	matrix, ok := value.(promql.Matrix)
	if !ok {
		return fmt.Errorf("a range query gave a %s", value.Type())
	}
	for _, s := range matrix {
		var metric slo.Labels
		s.Metric.Range(func(l labels.Label) { metric = append(metric, slo.Label{Name: l.Name, Value: l.Value}) })
		run := slo.SeriesSamples{Series: slo.NewSeries(metric)}
		for _, p := range s.Floats {
			run.Samples = append(run.Samples, slo.Sample{T: p.T, V: p.F})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}

// within is one evaluation of the rules that a policy stands in, and the step of the replay.
func within(p slo.Policy) time.Duration {
	if p.Long <= 6*time.Hour {
		return pageEvery + scrapeEvery
	}
	return tileEvery + scrapeEvery
}

func (w *world) since() []string {
	var all []string
	for _, a := range w.opened {
		all = append(all, a.severity+" "+a.group+" "+a.at.Sub(w.zero).String())
	}
	return all
}

func incidents(all []engine.ReplayedIncident, zero time.Time) []string {
	var out []string
	for _, inc := range all {
		out = append(out, string(inc.Severity)+" "+inc.Group.String()+" "+inc.Opened.Sub(zero).String()+" to "+inc.Closed.Sub(zero).String()+": "+inc.Reason)
	}
	return out
}

// opening requires that an alert of the severity began about then.
func (w *world) opening(severity, group string, after time.Duration) {
	w.t.Helper()
	if !slices.ContainsFunc(w.opened, func(a alert) bool {
		return a.severity == severity && a.group == group && a.at.Sub(w.zero.Add(after)).Abs() <= tileEvery
	}) {
		w.t.Errorf("no %s for %q about %s after the start: %v", severity, group, after, w.since())
	}
}

// parseSeries reads name{a=b,c=d}.
func parseSeries(text string) labels.Labels {
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, "}"), "{")
	pairs := []string{slo.MetricName, name, "job", "shop"}
	for _, p := range strings.Split(rest, ",") {
		if k, v, ok := strings.Cut(p, "="); ok {
			pairs = append(pairs, k, v)
		}
	}
	return labels.FromStrings(pairs...)
}
