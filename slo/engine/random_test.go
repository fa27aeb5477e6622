package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"burnline/slo"
)

// What random worlds are made of: definitions of every kind that counts samples, and processes
// that report as badly as real ones do.

// randomWindow is rolling, or one of the calendar that often begins in the middle of
// the samples, in some time zone.
func randomWindow(rng *rand.Rand, now int64) slo.Window {
	if rng.IntN(3) > 0 {
		return slo.Window{Rolling: []time.Duration{
			4 * time.Minute, time.Hour, 5 * time.Hour, 2 * 24 * time.Hour, 5 * 24 * time.Hour, 30 * 24 * time.Hour,
		}[rng.IntN(6)]}
	}
	unit := []slo.CalendarUnit{slo.Week, slo.Month, slo.Quarter, slo.Year}[rng.IntN(4)]
	zone := []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"}[rng.IntN(5)]
	anchor := time.UnixMilli(now + rng.Int64N(30*hour)).UTC().Truncate(15 * time.Minute)
	c, err := slo.NewCalendar(unit, 1, zone, anchor)
	if err != nil {
		panic(err)
	}
	return slo.Window{Calendar: c}
}

func randomBudgeting(rng *rand.Rand) slo.Budgeting {
	b := slo.Budgeting{Slice: []time.Duration{30 * time.Second, time.Minute, 7 * time.Minute, time.Hour, 3 * time.Hour}[rng.IntN(5)]}
	switch rng.IntN(4) {
	case 0:
		b.Method, b.Target = slo.Timeslices, []float64{0.5, 0.9, 1}[rng.IntN(3)]
	case 1:
		b.Method = slo.RatioTimeslices
	default:
		return slo.Budgeting{}
	}
	return b
}

func randomDefinition(rng *rand.Rand, now int64) slo.Definition {
	sel := func(pairs ...string) slo.Selector {
		s := slo.Selector{Name: "req"}
		for i := 0; i < len(pairs); i += 2 {
			s.Matchers = append(s.Matchers, slo.Matcher{Label: pairs[i], Op: slo.MatchEqual, Value: pairs[i+1]})
		}
		return s
	}
	d := slo.Definition{ID: "shop/buy", Objective: 99.9, ResolveAfter: 5 * time.Minute, MinBad: 2}
	d.Window = randomWindow(rng, now)
	d.Policies = slo.DefaultPolicies(d.Window.Nominal())
	d.Budgeting = randomBudgeting(rng)
	if rng.IntN(2) == 0 {
		d.GroupBy = []string{"region"}
	}
	total := slo.Sum{{Selector: sel()}}
	switch rng.IntN(5) {
	case 0:
		d.SLI.Events = &slo.EventsSLI{Total: total, Bad: slo.Sum{{Selector: sel("code", "500")}}}
	case 1:
		d.SLI.Events = &slo.EventsSLI{Total: total, Good: slo.Sum{{Selector: sel("code", "200")}}}
	case 2:
		d.SLI.Events = &slo.EventsSLI{Total: append(total, slo.Signed{Selector: sel("code", "404"), Minus: true}), Bad: slo.Sum{{Selector: sel("code", "500")}}}
	case 3:
		d.SLI.Latency = &slo.LatencySLI{Histogram: slo.Selector{Name: "req"}, Threshold: 300 * time.Millisecond}
	case 4:
		one := sel()
		d.SLI.Samples = &slo.SamplesSLI{Selector: &one, Op: slo.LT, Value: float64(rng.IntN(2000))}
	}
	return d
}

// stream is how one process reports what it counts: from when to when, and how often.
type stream struct {
	begin, end, step int64
	start            int64    // when it says that it began; 0 where it says nothing
	native           [2]int64 // when a native histogram is there beside a classic one
	away             [2]int64 // when its agent can't send: the backlog comes at the end
}

// stream makes up a series that is born at the beginning, at any time later or shortly before or after
// a sibling, and that may end early.
func (w *world) stream(start, length int64) stream {
	rng := w.rng
	s := stream{begin: start + rng.Int64N(2000), end: start + length, step: []int64{1000, 5000, 15_000, 60_000, 400_000}[rng.IntN(5)]}
	for most := []int64{20, 60, 600}[rng.IntN(3)]; length/s.step > most; {
		s.step *= 3
	}
	switch rng.IntN(4) {
	case 0, 1:
		s.begin += rng.Int64N(length)
	case 2:
		if w.born > 0 {
			s.begin = max(start, w.born+rng.Int64N(12*60_000)-6*60_000)
		}
	}
	w.born = s.begin
	if rng.IntN(3) == 0 {
		s.end = s.begin + rng.Int64N(length)
	}
	if rng.IntN(2) == 0 {
		s.start = s.begin - rng.Int64N(100*hour)
	}
	if rng.IntN(4) == 0 {
		s.away[0] = s.begin + rng.Int64N(max(1, s.end-s.begin)) - rng.Int64N(10*60_000)
		s.away[1] = s.away[0] + rng.Int64N([]int64{20 * 60_000, 5 * hour, 24 * hour}[rng.IntN(3)])
	}
	s.native = [2]int64{s.begin, s.end}
	if most := max(1, s.end-s.begin); rng.IntN(2) == 0 {
		s.native[0] += rng.Int64N([]int64{most, min(5*s.step, most)}[rng.IntN(2)])
	}
	if rng.IntN(2) == 0 {
		s.native[1] -= rng.Int64N(max(1, s.end-s.native[0]))
	}
	return s
}

// report has the samples of one stream arrive: of one series, of two for a classic histogram, or of
// three for one in both forms. The process begins anew now and then, and is silent for minutes or hours.
func (w *world) report(i int, s stream) {
	rng := w.rng
	labels := slo.NewLabels(slo.MetricName, "req", "job", "a", "instance", fmt.Sprint(rng.IntN(2)),
		"code", []string{"200", "500", "404"}[i%3], "region", []string{"", "eu", "us"}[rng.IntN(3)], "n", fmt.Sprint(i))
	carry := w.carriers(labels)
	v := float64(rng.IntN(1000))
	good := math.Floor(v / 2)
	for at := s.begin; at < s.end; at += s.step {
		at += rng.Int64N(s.step)/10 - s.step/20
		more := float64(rng.IntN(20))
		v, good = v+more, good+float64(rng.IntN(int(more)+1))
		switch rng.IntN(120) {
		case 0, 1: // the process begins anew
			v, good = float64(rng.IntN(5)), 0
			if s.start > 0 {
				s.start = at - rng.Int64N(s.step)
			}
		case 2, 3, 4, 5, 6:
			at += rng.Int64N(40 * 60_000)
		case 7:
			at += rng.Int64N(5 * hour)
		}
		below := good // by a native histogram, whose good part jumps when buckets are merged
		if rng.IntN(20) == 0 {
			below = math.Floor(v * rng.Float64())
		}
		for k, c := range carry {
			if k == 2 && (at < s.native[0] || at > s.native[1]) {
				continue
			}
			one := c.sample(v, good, below)
			one.T, one.ST = at, s.start
			sent := at
			if at >= s.away[0] {
				sent = max(at, s.away[1])
			}
			w.arrivals = append(w.arrivals, arrival{sent + w.delay(), c.series, one})
			if rng.IntN(20) == 0 {
				w.arrivals = append(w.arrivals, arrival{sent + w.delay(), c.series, one})
			}
		}
	}
}

// delay is how long a sample is on its way: mostly seconds, minutes for some, and hours or up to a
// day for few. Clocks differ, so that some come from the future.
func (w *world) delay() int64 {
	if w.rng.IntN(w.punctual) == 0 {
		switch w.rng.IntN(10) {
		case 0:
			return w.rng.Int64N(24 * hour)
		case 1, 2, 3, 4:
			return w.rng.Int64N(2 * hour)
		}
		return -w.rng.Int64N(9 * 60_000)
	}
	switch n := w.rng.IntN(40); {
	case n < 30:
		return w.rng.Int64N(3000)
	case n < 38:
		return w.rng.Int64N(110_000)
	}
	return 0
}

// carrier is one series of a stream; sample gives it its value from the count,
// the good ones, and what a native histogram takes for the good ones.
type carrier struct {
	series *slo.Series
	sample func(count, good, below float64) slo.Sample
}

// carriers returns the series that a stream has: a counter, or for a latency a
// native histogram, or a classic one's count and its bucket at the threshold.
func (w *world) carriers(labels slo.Labels) []carrier {
	count := func(count, _, _ float64) slo.Sample { return slo.Sample{V: count} }
	if w.def.SLI.Latency == nil {
		return []carrier{{slo.NewSeries(labels), count}}
	}
	native := carrier{slo.NewSeries(labels), func(count, _, below float64) slo.Sample {
		return slo.Sample{H: fakeHistogram{count, below}}
	}}
	form := w.rng.IntN(3)
	if form == 0 {
		return []carrier{native}
	}
	as := func(suffix string, pairs ...string) *slo.Series {
		for _, l := range labels {
			value := l.Value
			if l.Name == slo.MetricName {
				value += suffix
			}
			pairs = append(pairs, l.Name, value)
		}
		return slo.NewSeries(slo.NewLabels(pairs...))
	}
	both := []carrier{
		{as("_count"), count},
		{as("_bucket", "le", []string{"0.3", "0.30", "3e-1"}[w.rng.IntN(3)]), func(_, good, _ float64) slo.Sample { return slo.Sample{V: good} }},
	}
	if form == 1 {
		both = append(both, native)
	}
	return both
}

// redefine gives the SLO another window or another objective: what it counts may have to be read anew.
func (w *world) redefine() {
	d := w.def
	if w.rng.IntN(2) == 0 {
		d.Window = randomWindow(w.rng, w.now)
		d.Policies = slo.DefaultPolicies(d.Window.Nominal())
	}
	d.Objective = 90 + 9*w.rng.Float64()
	if err := w.engine.Update([]slo.Definition{d}); err != nil {
		w.t.Fatal(err)
	}
	w.def, w.slo = d, w.engine.tracked(d.ID)
}

// correct replaces the corrections: some stay, others take out a stretch of the past, of
// now, or of the future; some concern another service.
func (w *world) correct() {
	rng := w.rng
	var all []slo.Correction
	for _, c := range w.corrections {
		if rng.IntN(3) > 0 {
			all = append(all, c)
		}
	}
	for range rng.IntN(3) {
		from := w.now + rng.Int64N(2*hour) - rng.Int64N([]int64{2 * hour, 100 * hour}[rng.IntN(2)])
		to := from + 1 + rng.Int64N([]int64{1000, 10 * 60_000, 20 * hour}[rng.IntN(3)])
		all = append(all, slo.Correction{
			Kind: slo.Exclusion, SLOs: []string{[]string{"shop/*", "shop/*", "shop/*", "other/*"}[rng.IntN(4)]},
			From: time.UnixMilli(from), To: time.UnixMilli(to),
		})
	}
	w.corrections, w.store.corrected = all, nil
	for _, c := range all {
		if c.SLOs[0] == "shop/*" {
			w.store.corrected = append(w.store.corrected, span{c.From.UnixMilli(), c.To.UnixMilli()})
		}
	}
	w.engine.Correct(all)
}
