package engine

import (
	"fmt"
	"slices"
	"time"

	"burnline/slo"
)

// An incident stays open while a policy fires, and a policy with long windows fires for long after a short, severe
// outage: 6h and 30m for half an hour. What holds it open, and that nobody fails meanwhile, is worked out here, once for
// all who tell of it. (docs/adr/0047-a-page-that-outlasts-its-outage.md)

// holdingAge is for how long the end of a failing is not looked for again: it is told by the minute.
const holdingAge = 15 * time.Second

// holder is what is seen of an SLO when its open incidents are asked what holds them.
type holder struct {
	*sight
	*judged
	// place finds a group's number by its labels; −1 is none.
	place func(slo.Labels) int
	// doubtful is true while counts are not final or alerts are held back: then nothing is proven.
	doubtful bool
}

// rest is when one incident was last found to rest, and what was said of it.
type rest struct {
	at     time.Time
	groups int
	slo.Holding
}

// hold writes into the statuses what holds their open incidents.
func (in *holder) hold(episodes []*episode) {
	for _, ep := range episodes {
		for _, o := range ep.incidents() {
			h := in.holding(o)
			for _, g := range o.Groups {
				if s := in.status(g); s != nil {
					s.Holds = append(s.Holds, h)
				}
			}
		}
	}
}

// holding says what holds an incident.
func (in *holder) holding(o *openIncident) slo.Holding {
	h := slo.Holding{Incident: o.Key, Reason: in.reason(o)}
	if in.doubtful || !in.recent(o) {
		o.rest = rest{}
		return h
	}
	if o.rest.groups == len(o.Groups) && in.now.Sub(o.rest.at) < holdingAge && !in.now.Before(o.rest.at) {
		old := o.rest.Holding
		old.Reason = h.Reason
		return old
	}
	in.stopped(o, &h)
	o.rest = rest{in.now, len(o.Groups), h}
	return h
}

// reason says what holds the incident open by the judgement of its groups: what fires, else what the first of
// them waits for.
func (in *holder) reason(o *openIncident) string {
	var mine []*slo.Status
	for _, g := range o.Groups {
		if s := in.status(g); s != nil {
			mine = append(mine, s)
		}
	}
	if len(mine) == 0 {
		return "Its groups report no longer."
	}
	first := mine[0]
	for _, severity := range []slo.Severity{o.Severity, ""} {
		if i := slices.IndexFunc(mine, func(s *slo.Status) bool { return firesAs(s, severity) }); i >= 0 {
			first = mine[i]
			break
		}
	}
	text := first.Reason
	if o.Severity == slo.Page && o.Raised == "" && firesAs(first, "") && !firesAs(first, slo.Page) {
		text = "No page policy fires any more. " + text
	}
	if len(first.Group) > 0 {
		text = first.Group.String() + ": " + text
	}
	if len(mine) > 1 {
		text += fmt.Sprintf(" (the first of %d groups)", len(mine))
	}
	return text
}

// firesAs reports whether a policy fires, in effect of this severity or, where that is "", of any.
func firesAs(s *slo.Status, severity slo.Severity) bool {
	return slices.ContainsFunc(s.Policies, func(p slo.PolicyStatus) bool { return p.Firing && (severity == "" || p.Severity == severity) })
}

// recentWindow is the shortest short window of the SLO's policies: what is judged as now.
func recentWindow(d *slo.Definition) time.Duration {
	w := shortestLong(d)
	for _, p := range d.Policies {
		w = min(w, p.Short)
	}
	return w
}

// recent reports whether every group of the incident shows events in the recent window, and no more bad ones than
// were promised.
func (in *holder) recent(o *openIncident) bool {
	w := recentWindow(in.judged.def)
	for _, g := range o.Groups {
		s := in.status(g)
		if s == nil || !s.State.Known() {
			return false
		}
		if !keeps(over(in.counts(g), in.now, w), in.judged.def.Budget()) {
			return false
		}
	}
	return len(o.Groups) > 0
}

// keeps reports whether there are events, and no more bad ones than the budget allows.
func keeps(c slo.Counts, budget float64) bool {
	b := slo.NewBurn(0, c, budget)
	return b.Known && b.Rate <= 1
}

// stopped finds since when every group has kept the promise, and about when the incident closes. It leaves the
// holding as it is where that isn't proven.
func (in *holder) stopped(o *openIncident, h *slo.Holding) {
	long, factor := in.reach(o)
	size := slo.Step(long)
	var stopped time.Time
	for _, g := range o.Groups {
		from := in.counts(g)
		end, ok := lastBad(from, size, in.now, slo.Latest(o.Started, slo.Start(in.now, long)), factor*in.judged.def.Budget())
		if !ok {
			continue // it failed by less than a rule asks for, or before the start: the others say since when
		}
		failed, good := in.between(from, o.Started, end), after(from, end, in.now)
		worst := max(slo.NewBurn(0, failed, in.judged.def.Budget()).Ratio, factor*in.judged.def.Budget())
		if !keeps(good, in.judged.def.Budget()) || !slo.ProvenBetter(good, worst) {
			return
		}
		stopped = slo.Latest(stopped, end)
	}
	if stopped.IsZero() {
		return
	}
	h.Stopped = stopped
	for _, g := range o.Groups {
		from := in.counts(g)
		h.Failed = h.Failed.Plus(in.between(from, o.Started, stopped))
		h.After = h.After.Plus(after(from, stopped, in.now))
	}
	in.until(o, h)
}

// counts are the events of a group.
func (in *holder) counts(g slo.Labels) source { return in.source(in.place(g)) }

// between returns the events of (from, to], where to lies in the past and on an edge of the step that reaches back so far.
func (in *holder) between(h history, from, to time.Time) slo.Counts {
	step := h.finest(in.now.Sub(from))
	return h.sum(step, from.Truncate(step).UnixMilli(), to.UnixMilli())
}

// reach returns the longest window of the policies that hold such an incident, and their least factor.
func (in *holder) reach(o *openIncident) (long time.Duration, factor float64) {
	for _, p := range in.judged.def.Policies {
		if p.Severity == o.Severity || o.Raised != "" {
			long = max(long, p.Long)
			if factor == 0 || p.Factor < factor {
				factor = p.Factor
			}
		}
	}
	if long == 0 { // none is left of its severity since a reload
		return shortestLong(in.judged.def), 1
	}
	return long, factor
}

// lastBad finds the end of the newest bucket whose own error ratio is above a limit, not looking back beyond oldest;
// false where there is none. As started does, it takes a bucket of a healthy day with some errors for good.
func lastBad(h history, size time.Duration, now, oldest time.Time, limit float64) (time.Time, bool) {
	step := size.Milliseconds()
	const stride = 32
	for b := floorDiv(now.UnixMilli()-1, step); (b+1)*step > oldest.UnixMilli(); {
		if h.sum(size, (b-stride+1)*step, (b+1)*step).Bad() < 1e-9 {
			b -= stride // nothing is bad in all of them
			continue
		}
		if c := h.sum(size, b*step, (b+1)*step); c.Bad() > 1e-9 && c.Bad() > limit*c.Total {
			return time.UnixMilli(min((b+1)*step, now.UnixMilli())).UTC(), true
		}
		b--
	}
	return time.Time{}, false
}

// until says about when the incident closes if good events go on to come as in the recent window: once no
// policy that holds it fires, and that was so for as long as the SLO asks for.
func (in *holder) until(o *openIncident, h *slo.Holding) {
	ends, fires := in.now, false
	for _, g := range o.Groups {
		s := in.status(g)
		for i := range s.Policies {
			p := &s.Policies[i]
			if !holds(o, p) {
				continue
			}
			end := in.rests(in.counts(g), p.Policy)
			if fires = true; end.After(ends) || h.Rule == nil {
				rule := *p
				ends, h.Rule = slo.Latest(ends, end), &rule
			}
		}
	}
	wait := in.judged.def.ResolveAfter
	if !fires {
		wait = max(0, wait-o.clear)
	}
	ends = ends.Add(wait)
	if up := ends.Truncate(time.Minute); up.Before(ends) {
		ends = up.Add(time.Minute)
	}
	h.Until = ends
}

// rests finds when a policy that fires ceases to, without further bad events and with the traffic of the recent window.
func (in *holder) rests(h history, p slo.Policy) time.Time {
	w := recentWindow(in.judged.def)
	rate := over(h, in.now, w).Total / w.Seconds()
	step := max(p.Short/30, slo.Step(p.Short))
	fires := func(at time.Time, window time.Duration) bool {
		c := h.sum(slo.Step(window), slo.Start(at, window).UnixMilli(), in.now.UnixMilli())
		more := rate * at.Sub(in.now).Seconds()
		return p.Exceeded(slo.Counts{Good: c.Good + more, Total: c.Total + more}, in.judged.def.Budget())
	}
	at := in.now.Add(step)
	for ; at.Before(in.now.Add(p.Short)) && fires(at, p.Short) && fires(at, p.Long); at = at.Add(step) {
	}
	return at
}
