package engine

import (
	"fmt"
	"math"
	"slices"
	"time"

	"burnline/slo"
)

// missingAfter is the shortest silence after which an SLO is missing.
const missingAfter = 5 * time.Minute

// judged is what judging needs of one SLO besides the counts.
type judged struct {
	def   *slo.Definition
	table *table
	acc   *accumulator
	// filled is false until history was read, and readErr says why it can't be.
	filled bool
	// partial is since when counts are known while history is still being read, else 0;
	// part is how much of it was read.
	partial int64
	part    float64
	readErr error
	// open are the open incidents of each group, by the group's key.
	open map[string][]slo.Incident
	// held are the corrections that hold alerts back now.
	held []slo.Held
	// mixed are a composite's counts; nil for others. trouble and why are the state
	// that a part brings it into, and unguarded turns the low-traffic guard off.
	mixed     *source
	trouble   slo.State
	why       string
	unguarded bool
}

// judge returns the status of one group at now; number −1 stands for an SLO
// without any group.
func (j *judged) judge(number int, labels slo.Labels, now time.Time) slo.Status {
	s := slo.Status{
		ID: j.def.ID, Group: labels, At: now, Filling: !j.filled || j.partial != 0, Filled: j.part,
		Budget: slo.BudgetStatus{Remaining: 1}, Open: j.open[labels.String()],
	}
	from := j.source(number)
	if from.newest > 0 {
		s.LastSample = time.UnixMilli(from.newest).UTC()
	}
	j.windows(&s, from, now)
	why := holdBack(&s, j.held)
	s.State, s.Reason = j.state(&s, from, now)
	if why != "" {
		s.Reason += " Alerts are " + why + "."
	}
	return s
}

// source returns the counts of a group, empty ones where it has none.
func (j *judged) source(number int) source {
	if j.mixed != nil {
		return *j.mixed
	}
	if number >= 0 && number < len(j.acc.groups) && j.acc.groups[number] != nil {
		return j.acc.groups[number].source()
	}
	return source{history: newRings(keep{}), covered: uncovered}
}

// windows fills in burns, policies and budget.
func (j *judged) windows(s *slo.Status, from source, now time.Time) {
	budget, own := j.def.Budget(), j.def.Window
	windows := j.def.PolicyWindows()
	burns := make(map[time.Duration]slo.Burn, len(windows))
	s.Burns = make([]slo.Burn, 0, len(windows)+1)
	s.Policies = make([]slo.PolicyStatus, 0, len(j.def.Policies))
	for _, w := range windows {
		burns[w] = slo.NewBurn(w, over(from, now, w), budget)
		s.Burns = append(s.Burns, burns[w])
	}
	s.Whole = slo.NewBurn(own.Nominal(), whole(from, own, now), budget)
	s.Whole.Name = own.Name()
	if _, known := burns[own.Rolling]; own.Calendar != nil || !known {
		at := slices.IndexFunc(s.Burns, func(b slo.Burn) bool { return b.Window > s.Whole.Window })
		if at < 0 {
			at = len(s.Burns)
		}
		s.Burns = slices.Insert(s.Burns, at, s.Whole)
	}
	guard := j.def.Guard()
	guard.Off = guard.Off || j.unguarded
	blind, why := j.noBucket(now)
	for _, p := range j.def.Policies {
		ps := slo.Judge(p, burns[p.Long], burns[p.Short], guard)
		if blind && ps.Firing {
			ps.Firing, ps.Reason = false, why
		}
		if ps.Firing && slo.Start(now, p.Long).UnixMilli() < j.partial {
			ps.Firing, ps.Reason = false, "the history of "+slo.FormatDuration(p.Long)+" is still being read"
		}
		s.Policies = append(s.Policies, ps)
	}
	long := s.Whole
	if len(j.def.Policies) > 0 {
		long = burns[j.def.Policies[0].Long]
	}
	s.Budget = slo.NewBudget(from.budgetInput(j.def, now, long))
	if blind {
		withoutNumbers(s)
	}
	s.Budget.Start, s.Budget.End = own.Bounds(now)
}

// withoutNumbers takes the numbers out of a status where good requests can't be told from bad ones:
// without a bucket at the threshold all of them would look bad.
func withoutNumbers(s *slo.Status) {
	s.Whole = slo.Burn{Window: s.Whole.Window, Name: s.Whole.Name}
	for i, b := range s.Burns {
		s.Burns[i] = slo.Burn{Window: b.Window, Name: b.Name}
	}
	s.Budget = slo.BudgetStatus{Elapsed: s.Budget.Elapsed, Remaining: 1, Projected: s.Budget.Projected}
}

// state names the state and gives its reason. (design, "States")
func (j *judged) state(s *slo.Status, from source, now time.Time) (slo.State, string) {
	if !j.filled && j.readErr == nil {
		return slo.StateUnseen, "The history is still being read from storage."
	}
	if why := j.broken(s, from, now); why != "" {
		return slo.StateBroken, why
	}
	if state, why := j.absent(now); why != "" {
		return state, why
	}
	for _, p := range s.Policies {
		if p.Firing {
			return slo.StateBurning, fmt.Sprintf("A %s policy fires: %s.", p.Severity, p.Reason)
		}
	}
	if w := j.shortestLong(); over(from, now, w).Total == 0 {
		if from.newest == 0 || now.Sub(time.UnixMilli(from.newest)) > j.patience() {
			return slo.StateIdle, fmt.Sprintf("This group has had no events for %s and no longer reports; others do.", slo.FormatDuration(w))
		}
		if j.acc.corrected.touch(now.Add(-w).UnixMilli(), now.UnixMilli()) {
			return slo.StateIdle, fmt.Sprintf("No events of the last %s count: corrections take them out.", slo.FormatDuration(w))
		}
		if last := time.UnixMilli(j.acc.newestCount).UTC(); j.mixed == nil && last.Before(now.Add(-w)) {
			return slo.StateIdle, fmt.Sprintf("No sample has come since %s, which proves nothing yet.", clock(last, now))
		}
		return slo.StateIdle, fmt.Sprintf("The series report, but there were no events for %s.", slo.FormatDuration(w))
	}
	if len(s.Open) > 0 {
		if len(s.Held) > 0 {
			return slo.StateBurning, "An incident is open; it stays while alerts are held back."
		}
		return slo.StateBurning, "No policy fires any more; the incident closes once good events have proved the recovery."
	}
	if s.Budget.Known && s.Budget.Spent {
		return slo.StateSpent, "Nothing is left of the error budget, and no policy fires."
	}
	return slo.StateOK, "Events arrive and no policy fires." + j.unfailing(s)
}

// absent says that no series of the total reports, or, of a composite, which part is not
// known; "" where neither is so.
func (j *judged) absent(now time.Time) (slo.State, string) {
	if j.mixed != nil {
		return j.trouble, j.why
	}
	if j.acc.newestCount == 0 && j.partial != 0 {
		return slo.StateUnseen, "The history is still being read from storage."
	}
	if j.acc.newestCount == 0 {
		return slo.StateUnseen, "No sample of the total has ever arrived."
	}
	last := time.UnixMilli(j.acc.newestCount).UTC()
	if now.Sub(last) > j.patience() {
		return slo.StateMissing, fmt.Sprintf("No series of the total has reported since %s.", clock(last, now))
	}
	return "", ""
}

// broken says why the numbers can't be trusted, or returns "".
func (j *judged) broken(s *slo.Status, from source, now time.Time) string {
	switch {
	case j.readErr != nil && j.table.ask != nil:
		return fmt.Sprintf("The query can't be evaluated: %v.", j.readErr)
	case j.readErr != nil:
		return fmt.Sprintf("Storage can't be read: %v.", j.readErr)
	}
	if at := j.acc.ambiguous; at > 0 && at == j.acc.asked {
		return j.acc.ambiguity + "; aggregate it, or name what tells them apart in group_by."
	}
	if at := j.acc.notNumber; at > 0 && now.Sub(time.UnixMilli(at)) <= j.patience() {
		return fmt.Sprintf("A series reported a value that is no number at %s.", clock(time.UnixMilli(at).UTC(), now))
	}
	if blind, why := j.noBucket(now); blind {
		return why
	}
	return j.contradiction(s, from, now)
}

// contradiction says which counts contradict each other, or returns "".
func (j *judged) contradiction(s *slo.Status, from source, now time.Time) string {
	w := j.longestWindow()
	i := slices.IndexFunc(s.Burns, func(b slo.Burn) bool { return b.Window == w })
	if i < 0 {
		return ""
	}
	c := s.Burns[i].Counts
	if r, ok := from.history.(*rings); ok && r.slices != nil {
		c = r.events(now.Add(-w), now) // a slice is never worse than bad
	}
	room := max(1, c.Total/100)
	if c.Bad()-c.Total > room {
		return fmt.Sprintf("%.0f bad events exceed the total of %.0f over %s: bad counts something that total does not.",
			c.Bad(), c.Total, slo.FormatDuration(w))
	}
	if -c.Bad() > room {
		return fmt.Sprintf("%.0f good events exceed the total of %.0f over %s: good counts something that total does not.",
			c.Good, c.Total, slo.FormatDuration(w))
	}
	return ""
}

// noBucket reports whether a latency's total reports while no bucket ends at
// the threshold, so that good events can't be told from bad ones.
func (j *judged) noBucket(now time.Time) (bool, string) {
	l := j.def.SLI.Latency
	if l == nil || j.acc.newestClassic == 0 || j.acc.newestClassic-j.acc.newestBucket <= j.patience().Milliseconds() ||
		j.acc.newestCount-j.acc.newestClassic > j.patience().Milliseconds() {
		return false, ""
	}
	below, above := j.table.nearest(l.Bound())
	why := fmt.Sprintf("The histogram %s has no bucket that ends at %s", l.Histogram.Name, slo.FormatDuration(l.Threshold))
	switch {
	case !math.IsNaN(below) && !math.IsNaN(above):
		why += fmt.Sprintf("; the nearest end at %g and %g", below, above)
	case !math.IsNaN(below):
		why += fmt.Sprintf("; the nearest ends at %g", below)
	case !math.IsNaN(above):
		why += fmt.Sprintf("; the nearest ends at %g", above)
	}
	return true, why + "."
}

// patience is the silence after which an SLO is missing: five minutes, or
// three observed intervals where that is longer.
func (j *judged) patience() time.Duration {
	return max(missingAfter, 3*time.Duration(j.acc.interval)*time.Millisecond)
}

// shortestLong is the window whose emptiness makes a group idle: the
// shortest long window of the policies, or the SLO's own.
func (j *judged) shortestLong() time.Duration { return shortestLong(j.def) }

func shortestLong(d *slo.Definition) time.Duration {
	w := d.Window.Nominal()
	for _, p := range d.Policies {
		w = min(w, p.Long)
	}
	return w
}

func (j *judged) longestWindow() time.Duration {
	var w time.Duration
	for _, p := range j.def.Policies {
		w = max(w, p.Long)
	}
	if w == 0 {
		w = j.def.Window.Nominal()
	}
	return w
}

// clock writes a time of day, with the date where it isn't today's.
func clock(at, now time.Time) string {
	if now.Sub(at) < 12*time.Hour {
		return at.Format("15:04 MST")
	}
	return at.Format("2 Jan 15:04 MST")
}
