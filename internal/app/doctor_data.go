package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql"

	"burnline/internal/datacheck"
	"burnline/slo"
	"burnline/storage/metrics"
	"burnline/web"
)

const (
	// mostSenders bounds how many jobs are listed, and mostSeries what is asked by job at all.
	mostSenders = 100
	mostSeries  = 100_000
	// mostUnmatched bounds how many SLOs without data are compared with what is stored.
	mostUnmatched = 20
	// mostCompared bounds how many SLOs that have data are compared, which reads little of each.
	mostCompared = 200
	// quietFor is after what time a job that sends nothing is told of.
	quietFor = 5 * time.Minute
	// mostAhead is how far ahead of the clock samples are taken.
	mostAhead = 10 * time.Minute
)

// sender is what a job sent of late.
type sender struct {
	instances   map[string]bool
	samples     int
	first, last int64
}

// senders reads the samples of the last minutes, by job.
func (x *examination) sent(ctx context.Context) (map[string]*sender, error) {
	all := map[string]*sender{}
	to := x.health.At.UnixMilli()
	some := slo.Selector{Matchers: []slo.Matcher{{Label: "job", Op: slo.MatchNotEqual, Value: ""}}}
	// Samples from the future are taken, to ten minutes; their senders' clocks are told of.
	err := x.parts.metrics.Select(ctx, some, to-quietFor.Milliseconds(), to+mostAhead.Milliseconds(), func(s slo.SeriesSamples) error {
		ls := s.Series.Labels()
		job := ls.Get("job")
		if all[job] == nil {
			all[job] = &sender{instances: map[string]bool{}, first: to}
		}
		one := all[job]
		one.instances[ls.Get("instance")] = true
		one.samples += len(s.Samples)
		if n := len(s.Samples); n > 0 {
			one.first, one.last = min(one.first, s.Samples[0].T), max(one.last, s.Samples[n-1].T)
		}
		return nil
	})
	return all, err
}

// arrives says what comes from whom.
func (x *examination) arrives(ctx context.Context) {
	series, err := x.byLabel(ctx, `count({job!=""})`, "job")
	if err != nil {
		x.add("arrives", web.DiagnosisProblem, "metric store", "see whether it runs", "it can't be asked: %s", err)
		return
	}
	var senders map[string]*sender
	if series[""] > mostSeries {
		x.add("arrives", web.DiagnosisOK, "", "", "%.0f samples/s and %.0f spans/s, of %.0f series; they are too many to read by job", x.health.SamplesPerSecond, x.health.SpansPerSecond, series[""])
	} else if senders, err = x.sent(ctx); err != nil {
		x.add("arrives", web.DiagnosisProblem, "metric store", "see whether it runs", "it can't be read: %s", err)
		return
	}
	x.senders = senders
	names := slices.Sorted(maps.Keys(senders))
	for _, job := range names[:min(len(names), mostSenders)] {
		s, at := senders[job], x.health.At.UnixMilli()
		seconds := max(float64(max(at, s.last)-s.first)/1000, 1)
		x.add("arrives", web.DiagnosisOK, job, "", "%s, %.3g samples/s, the last one %s ago", several(float64(len(s.instances)), "instance"), float64(s.samples)/seconds,
			max(0, time.Duration(at-s.last)*time.Millisecond).Round(time.Second))
	}
	if more := len(names) - mostSenders; more > 0 {
		x.add("arrives", web.DiagnosisOK, "", "", "and %d more jobs", more)
	}
	full := x.parts.full()
	if full != nil {
		x.add("arrives", web.DiagnosisProblem, "", "free space on the disk", "what arrives is not stored: %s", full)
	} else if senders != nil {
		x.silent(ctx, senders)
	}
	spans, err := x.byLabel(ctx, "sum by (service_name) (rate(traces_span_metrics_calls_total[5m]))", "service_name")
	for _, service := range sorted(spans) {
		x.add("arrives", web.DiagnosisOK, service, "", "%.3g spans/s", spans[service])
	}
	if err != nil {
		x.add("arrives", web.DiagnosisWarning, "spans", "", "how many come of each service can't be asked: %s", err)
	}
	others := slices.DeleteFunc(names, func(job string) bool { return job == "burnline" })
	if len(others)+len(spans) == 0 && senders != nil && full == nil {
		x.add("arrives", web.DiagnosisProblem, "", "send OTLP to "+cmp.Or(x.health.OTLPGRPC, x.health.OTLPHTTP)+", write scrape_configs, or have a Prometheus write here (docs/collector.md)", "nothing arrives from anybody")
	}
}

// silent tells of jobs that sent an hour ago and don't any more.
func (x *examination) silent(ctx context.Context, senders map[string]*sender) {
	before, err := x.byLabel(ctx, `count by (job) ({job!=""} offset 1h)`, "job")
	if err != nil {
		return // it was asked a moment ago, and what it has is listed
	}
	for _, job := range sorted(before) {
		if senders[job] == nil {
			x.add("arrives", web.DiagnosisWarning, job, "see whether it runs, and whether it can reach this server", "it sent an hour ago, and nothing within the last %s", slo.FormatDuration(quietFor))
		}
	}
}

// byLabel asks for a number by the values of a label.
func (x *examination) byLabel(ctx context.Context, expr, label string) (map[string]float64, error) {
	v, err := x.parts.metrics.Query(ctx, expr, x.health.At, x.health.At, 0)
	if err != nil {
		return nil, err
	}
	vector, ok := v.(promql.Vector)
	if !ok {
		return nil, fmt.Errorf("it gives a %s", v.Type())
	}
	all := map[string]float64{}
	for _, s := range vector {
		all[s.Metric.Get(label)] = s.F
	}
	return all, nil
}

func sorted(m map[string]float64) []string {
	var names []string
	for name := range m {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func several(n float64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%.0f %ss", n, word)
}

// slos says which SLOs what arrives matched, and of those that nothing matches what would.
func (x *examination) slos(ctx context.Context) {
	set := x.parts.set.Load()
	if len(set.Definitions) == 0 {
		x.add("slos", web.DiagnosisProblem, "", "let burnline init propose some", "there is no SLO: nothing can page")
		return
	}
	worst := map[string]slo.Status{}
	groups := map[string]int{}
	for _, s := range x.parts.engine.Statuses() {
		groups[s.ID]++
		if have, ok := worst[s.ID]; !ok || !s.State.Known() && have.State.Known() {
			worst[s.ID] = s
		}
	}
	asked, full := 0, x.parts.full()
	for i := range set.Definitions {
		d := &set.Definitions[i]
		s, ok := worst[d.ID]
		switch {
		case ok && s.State.Known():
			x.add("slos", web.DiagnosisOK, d.ID, "", "%s; %s events in its window", several(float64(groups[d.ID]), "group"), rounded(s.Budget.Counts.Total))
			x.unlabelled(ctx, d)
			continue
		case ok && s.State == slo.StateIdle:
			x.add("slos", web.DiagnosisWarning, d.ID, "see whether anybody uses it", "its series report, and there were no events: nothing is known of it")
			x.unlabelled(ctx, d)
			continue
		case ok && s.Filling:
			x.add("slos", web.DiagnosisWarning, d.ID, "ask again in a moment", "its past is still being read")
			continue
		case ok && s.State == slo.StateBroken:
			x.add("slos", web.DiagnosisProblem, d.ID, "burnline check --data says more", "%s", s.Reason)
		case ok && s.State == slo.StateMissing && full != nil:
			x.add("slos", web.DiagnosisProblem, d.ID, "free space on the disk", "%s", s.Reason)
			continue
		default:
			x.add("slos", web.DiagnosisProblem, d.ID, "", "nothing that arrives matches it, so it can't page: %s", s.Reason)
		}
		if asked++; asked <= mostUnmatched {
			x.near(ctx, d)
		}
	}
}

func rounded(n float64) string { return fmt.Sprintf("%.0f", n) }

// near says what of an SLO that has no data differs from what is stored.
func (x *examination) near(ctx context.Context, d *slo.Definition) {
	findings, err := datacheck.Check(ctx, comparer{x.parts.metrics}, x.health.At, []slo.Definition{*d})
	x.tell(d, findings, err)
}

// unlabelled warns of selectors of an SLO that has events, and whose bad or good ones can't match.
func (x *examination) unlabelled(ctx context.Context, d *slo.Definition) {
	terms := x.parts.engine.Unmatched(d.ID)
	if len(terms) == 0 || x.compared >= mostCompared {
		return
	}
	x.compared++
	findings, err := datacheck.Unlabelled(ctx, comparer{x.parts.metrics}, x.health.At, d, terms)
	x.tell(d, findings, err)
}

// tell passes on what a comparison found.
func (x *examination) tell(d *slo.Definition, findings slo.Findings, err error) {
	if err != nil {
		return // that the store can't be asked was said
	}
	for _, f := range findings {
		x.add("slos", web.DiagnosisWarning, d.ID, f.Instead, "%s: %s: %s", f.Source, f.Path, f.Message)
	}
}

// comparer is the metric store as checks of definitions ask it.
type comparer struct{ metrics.Store }

var _ datacheck.Data = comparer{}

// Values implements datacheck.Data.
func (c comparer) Values(ctx context.Context, expr string, at time.Time) ([]float64, error) {
	v, err := c.Query(ctx, expr, at, at, 0)
	if err != nil {
		return nil, err
	}
	return metrics.Numbers(v)
}

// Types implements datacheck.Data: nothing is known of them.
func (comparer) Types(context.Context) (map[string]string, error) { return map[string]string{}, nil }
