package engine

import (
	"fmt"
	"math"
	"slices"
	"time"

	"burnline/slo"
)

// What makes a lack of events more than chance.
const (
	// improbable is how many events must have been expected in a silence that is
	// told of: so few as none come by chance less than once in a million times (e⁻¹⁴).
	improbable = 14
	// enough is the least number of events in the same hour a week ago that the last
	// hour is compared with, and collapse the share of them below which traffic has
	// collapsed. (design, "States"; by chance, 20 of 100 come less than once in 10²⁰)
	enough   = 100
	collapse = 0.2
	week     = 7 * 24 * time.Hour
)

// freshFor is the age up to which a sample proves that data arrives: one minute,
// or three observed intervals where that is longer.
const freshFor = time.Minute

// maxSources bounds how many jobs and instances of one SLO are told apart.
const maxSources = 20

// outlook is how one SLO's data arrives, all its groups together.
type outlook struct {
	id  string
	def *slo.Definition
	at  time.Time
	// ready is false while nothing can be said of it: its history is being read,
	// or it never had any data.
	ready bool
	// filling: its history is still being read.
	filling bool
	// held: planned maintenance keeps alerts back.
	held bool
	// reports and flows are evidence that samples, and that events arrive now.
	reports, flows bool
	// without: series report, but for long no events.
	without bool
	// steady: there were events in nearly every minute of its last day with data.
	steady bool
	// dark says that no data arrives; over, that this goes on for longer than the
	// SLO's patience. Nil while there is any reason to wait.
	dark *slo.Darkness
	over bool
	// storage: it is the metric store that can't be read.
	storage bool
	// jobs and instances are where the data came from that is missing.
	jobs, instances []string
	// of is the SLO whose status shows it.
	of *tracked
}

// observer judges how an SLO's data arrives at one moment.
type observer struct {
	def *slo.Definition
	acc *accumulator
	now time.Time
	// since is when Burnline began to look without a break, or when planned
	// maintenance ended: a silence begins no earlier.
	since time.Time
	// usual is the number of events in the same hour a week ago; 0 where unknown.
	usual float64
}

// silence is for how long nothing came, of what came last at data time t and, by
// the engine's clock, at came. Old data that comes late ends it too.
func (o *observer) silence(t, came int64) time.Duration {
	now := o.now.UnixMilli()
	begin := max(min(t, now), min(came, now), o.since.UnixMilli())
	return time.Duration(now-begin) * time.Millisecond
}

// interval is three observed intervals between samples of the total.
func (o *observer) intervals() time.Duration {
	return 3 * time.Duration(o.acc.interval) * time.Millisecond
}

func (o *observer) patience() time.Duration { return max(missingAfter, o.intervals()) }

func (o *observer) fresh() time.Duration { return max(freshFor, o.intervals()) }

// look fills in what the counts say.
func (o *observer) look(l *outlook) {
	tf := &o.acc.traffic
	l.steady = tf.steady(o.acc.interval)
	silent := o.silence(o.acc.newestCount, tf.reported)
	l.reports = silent <= o.fresh() && o.age(o.acc.newestCount) <= o.fresh()
	idle := o.silence(tf.last, tf.came)
	l.flows = idle <= o.fresh() && o.age(tf.last) <= o.fresh()
	switch {
	case silent > o.fresh() && o.age(o.acc.newestCount) > o.fresh():
		l.dark = o.missing(l.steady)
		l.over = silent > o.patience() && o.age(o.acc.newestCount) > o.patience()
	case l.steady && idle > o.fresh() && o.age(tf.last) > o.fresh():
		l.dark, l.without = o.idle(), true
		l.over = idle > o.patience() && o.age(tf.last) > o.patience() && o.expected(l.dark, idle) >= improbable
	default:
		l.dark = o.collapsed()
		l.over = l.dark != nil
	}
	if l.dark != nil {
		l.jobs, l.instances = o.sources()
		l.dark.Source = common(l.jobs, l.instances)
		// Once traffic collapsed, the last hours are no measure of what is usual.
		l.flows = l.flows && !l.over
	}
}

func (o *observer) age(t int64) time.Duration { return o.now.Sub(time.UnixMilli(t)) }

// missing says that no series of the total reports.
func (o *observer) missing(steady bool) *slo.Darkness {
	d := o.evidence(o.acc.newestCount)
	d.Silent = true
	d.Reason = fmt.Sprintf("No series of the total has reported since %s", clock(d.Since, o.now))
	switch collapsed := o.collapsed(); {
	case steady:
		d.Reason += "; there were events in nearly every minute of the day before."
		d.Severity = o.severity(true)
	case collapsed != nil:
		d.Reason += fmt.Sprintf("; in the same hour a week ago there were %.0f events.", collapsed.Usual)
		d.Severity = o.severity(true)
	default:
		d.Reason += "."
		d.Severity = o.severity(false)
	}
	return d
}

// idle says that series report without events, of an SLO with steady traffic.
func (o *observer) idle() *slo.Darkness {
	d := o.evidence(o.acc.traffic.last)
	d.Severity = o.severity(true)
	d.Reason = fmt.Sprintf("The series report, but there were no events since %s; before, there were some in nearly every minute of a day.",
		clock(d.Since, o.now))
	return d
}

// collapsed says that the last hour had under a fifth of the events of the same
// hour a week ago; nil where it had not, or where that can't be told.
func (o *observer) collapsed() *slo.Darkness {
	if o.usual < enough || o.now.Sub(o.since) < time.Hour {
		return nil
	}
	now := o.between(o.now.Add(-time.Hour), o.now)
	if now >= collapse*o.usual {
		return nil
	}
	return &slo.Darkness{
		Since: o.now.Add(-time.Hour).UTC(), Severity: o.severity(true), Usual: o.usual, Now: now, Collapsed: true,
		Reason: fmt.Sprintf("In the last hour there were %.0f events; in the same hour a week ago %.0f.", now, o.usual),
	}
}

// severity is what no_data asks for. By default an SLO whose traffic is known to
// have been there pages, where any of its policies may page; a lack of data is
// never more urgent than a breach.
func (o *observer) severity(known bool) slo.Severity {
	switch o.def.NoData {
	case slo.NoDataIgnore:
		return ""
	case slo.NoDataPage:
		return slo.Page
	case slo.NoDataTicket:
		return slo.Ticket
	}
	if len(o.def.Policies) == 0 {
		return "" // nobody is told of this SLO at all
	}
	if known && slices.ContainsFunc(o.def.Policies, func(p slo.Policy) bool { return p.Severity == slo.Page }) {
		return slo.Page
	}
	return slo.Ticket
}

// evidence returns the darkness since a moment with the events of the hour before
// it and of the last hour.
func (o *observer) evidence(since int64) *slo.Darkness {
	at := time.UnixMilli(since).UTC()
	return &slo.Darkness{
		Since: at, Usual: o.between(at.Add(-time.Hour), at), Now: o.between(o.now.Add(-time.Hour), o.now),
	}
}

// expected is how many events a silence would have had at the rate of the hour before it.
func (o *observer) expected(d *slo.Darkness, silence time.Duration) float64 {
	return d.Usual * silence.Hours()
}

// between returns the events of (from, to] over all groups, at the resolution
// that is still held of that time.
func (o *observer) between(from, to time.Time) float64 {
	total := 0.0
	for _, g := range o.acc.groups {
		if g != nil {
			total += g.came(from, to, o.now)
		}
	}
	return total
}

// weekAgo returns the events of the same hour a week ago; 0 where the counts don't
// reach back that far. Of the full hours that touch it and their neighbours it takes
// the least, so that neither a steep morning nor the change to or from
// summer time looks like a collapse.
func (o *observer) weekAgo() float64 {
	first := o.now.Add(-week - 2*time.Hour).Truncate(time.Hour)
	known := int64(math.MaxInt64)
	for _, g := range o.acc.groups {
		if g != nil {
			known = min(known, g.covered)
		}
	}
	if o.acc.keep.longest < week+4*time.Hour || known > first.UnixMilli() {
		return 0
	}
	least := math.Inf(1)
	for i := range 4 {
		from := first.Add(time.Duration(i) * time.Hour)
		least = min(least, o.between(from, from.Add(time.Hour)))
	}
	return least
}

// came returns the events of (from, to], both rounded down to the finest step that is
// still held of from, whether they count or not; events also where slices are counted.
func (g *group) came(from, to, now time.Time) float64 {
	total := 0.0
	for _, r := range g.both() {
		if s := r.slices; s != nil {
			n, _ := s.total(floorDiv(from.UnixMilli(), s.step), floorDiv(to.UnixMilli(), s.step))
			total += n
			continue
		}
		step := r.finest(now.Sub(from))
		total += r.sum(step, from.Truncate(step).UnixMilli(), to.Truncate(step).UnixMilli()).Total
	}
	return total
}

// sources returns the jobs and instances of the series that reported until the end.
func (o *observer) sources() (jobs, instances []string) {
	cut := o.acc.newestCount - o.patience().Milliseconds()
	for _, se := range o.acc.series {
		if se == nil || !se.m.count || se.kept.end() < cut {
			continue
		}
		jobs = include(jobs, se.m.labels().Get("job"))
		instances = include(instances, se.m.labels().Get("instance"))
	}
	return jobs, instances
}

// include adds a name that is not yet there, in order.
func include(names []string, name string) []string {
	i, ok := slices.BinarySearch(names, name)
	if ok || name == "" || len(names) == maxSources {
		return names
	}
	return slices.Insert(names, i, name)
}

// common names the one job, and the one instance, that all data came from.
func common(jobs, instances []string) slo.Labels {
	var pairs []string
	if len(jobs) == 1 {
		pairs = append(pairs, "job", jobs[0])
	}
	if len(instances) == 1 {
		pairs = append(pairs, "instance", instances[0])
	}
	return slo.NewLabels(pairs...)
}
