package propose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

const (
	// window is that of every proposal, and slice the length of its slices of time.
	window = 30 * 24 * time.Hour
	slice  = time.Minute
	// room is the part of the budget that the past may have spent: one that would be nearly
	// gone already makes the first page a matter of chance.
	room = 0.75
	// unseen are failures that a stretch without any may still have been in for, at 95 % (the rule
	// of three). They keep few events, and a short past, from promising much.
	unseen = 3
	// settled is how long a past has to be for the highest objective, and brief is what is short.
	settled = 14 * 24 * time.Hour
	brief   = 24 * time.Hour
	// highest is the best that is proposed: more is a decision, not an observation.
	highest       = 99.95
	highestOfDays = 99.9
	// noticed is what people notice, in seconds: a faster threshold guards what nobody feels.
	noticed = 0.1
)

// objectives are the round figures, highest first; those of latency are fewer, since the threshold gives way too.
func objectives(latency bool) []float64 {
	if latency {
		return []float64{99, 95, 90}
	}
	return []float64{highest, highestOfDays, 99.5, 99, 98, 95, 90}
}

// Figures are how a candidate fared, counted by its Probe.
type Figures struct {
	// Counts are the events of Elapsed.
	Counts  slo.Counts
	Elapsed time.Duration
	// Buckets are the events of each bucket of a histogram, by the number in le.
	Buckets map[float64]float64
}

// Terms are what the person who asks says of all proposals.
type Terms struct {
	// Team is "" where nobody said; Runbook may hold {service} and {slo}, and is never "".
	Team, Runbook string
	// Given is false where Runbook was not said by anybody.
	Given bool
}

// Proposal is an SLO with its reasons.
type Proposal struct {
	Definition slo.Definition
	// Reason says in a sentence what the past was like and what the objective leaves; Notes are
	// what else its owner should know.
	Reason string
	Notes  []string
}

// Decide makes a proposal of a candidate and its past, or says why there is none.
func Decide(c *Candidate, f Figures, t Terms) (*Proposal, *Gap) {
	if f.Counts.Total <= 0 && len(f.Buckets) == 0 {
		return nil, &Gap{c.Service, fmt.Sprintf("no %s were counted by %s in the past, so nothing can be promised of them", c.What, c.Metric), "run init again when there are some"}
	}
	if c.latency {
		return decideLatency(c, f, t)
	}
	objective, ok := best(c, f)
	if !ok {
		return nil, refusedFor(c, f)
	}
	return c.proposal(objective, f, t, ""), nil
}

// best is the highest objective that the past kept with room to spare.
func best(c *Candidate, f Figures) (float64, bool) {
	for _, o := range objectives(c.latency) {
		if o > highestOfDays && f.Elapsed < settled {
			continue
		}
		if kept(o, f.Counts) {
			return o, true
		}
	}
	return 0, false
}

// kept reports whether an objective would have been kept with room to spare, even with
// a few more failures than there were.
func kept(objective float64, c slo.Counts) bool {
	cautious := slo.Counts{Good: c.Good - unseen, Total: c.Total}
	burn := slo.NewBurn(window, cautious, 1-objective/100)
	return burn.Known && burn.Rate <= room*(1+1e-9)
}

// refusedFor says why nothing can be promised.
func refusedFor(c *Candidate, f Figures) *Gap {
	events, past := c.events(f.Counts.Total), ago(f.Elapsed)
	lowest := objectives(c.latency)[len(objectives(c.latency))-1]
	if burn := slo.NewBurn(window, f.Counts, 1-lowest/100); burn.Known && burn.Rate > room {
		return &Gap{c.Service, fmt.Sprintf("%s of %s in %s were good, less than any objective leaves room for", percent(f.Counts), events, past),
			"see whether " + c.Metric + " counts as failed what is none, or mend it before promising"}
	}
	return &Gap{c.Service, fmt.Sprintf("only %s in %s: one failure would decide over the whole promise", events, past),
		"run init again later, or probe it with synthetic requests every few seconds and promise those"}
}

// decideLatency chooses the threshold with the objective: the lowest bucket that the past kept.
func decideLatency(c *Candidate, f Figures, t Terms) (*Proposal, *Gap) {
	total := f.Buckets[math.Inf(1)]
	bounds := finite(f.Buckets)
	if len(bounds) == 0 {
		return nil, &Gap{c.Service, c.Metric + " has no bucket but +Inf, so slow can't be told from fast", "give it buckets, one of them at what customers accept, such as 300ms"}
	}
	if total <= 0 {
		return nil, &Gap{c.Service, fmt.Sprintf("no %s were timed by %s in the past", c.What, c.Metric), "run init again when there are some"}
	}
	if gap := c.unitUnknown(bounds[len(bounds)-1]); gap != nil {
		return nil, gap
	}
	least := bounds[0]
	for _, b := range bounds {
		if least*c.unit < noticed && b*c.unit <= noticed*(1+1e-9) {
			least = b // the largest that nobody feels
		}
	}
	for _, o := range objectives(true) {
		for _, b := range bounds {
			if b < least {
				continue
			}
			f.Counts = slo.Counts{Good: f.Buckets[b], Total: total}
			if !kept(o, f.Counts) {
				continue
			}
			return c.proposal(o, f, t, threshold(b*c.unit)), nil
		}
	}
	f.Counts = slo.Counts{Good: f.Buckets[bounds[len(bounds)-1]], Total: total}
	if f.Counts.Good/total < 0.9 {
		return nil, &Gap{c.Service, fmt.Sprintf("%s of the %s took longer than %s, the largest bucket of %s", percent(slo.Counts{Good: f.Counts.Bad(), Total: total}), c.What,
			threshold(bounds[len(bounds)-1]*c.unit), c.Metric), "give it larger buckets"}
	}
	return nil, refusedFor(c, f)
}

// Without a unit in its name a histogram whose largest bucket ends beyond longest is hardly in seconds, and one of a name that was in
// milliseconds hardly is where it ends before shortest.
const (
	longest  = 10 * time.Minute
	shortest = 60 * time.Millisecond
)

// unitUnknown says that a threshold might be a thousand times too long or too short; nil where the unit is sure enough.
func (c *Candidate) unitUnknown(largest float64) *Gap {
	for _, suffix := range []string{"_seconds", "_milliseconds", "_ms"} {
		if strings.HasSuffix(c.Metric, suffix) {
			return nil
		}
	}
	unit := slo.HistogramUnit(c.Metric)
	if unit == time.Second && largest <= longest.Seconds() || unit == time.Millisecond && largest > float64(shortest/time.Millisecond) {
		return nil
	}
	name := map[time.Duration]string{time.Second: "seconds", time.Millisecond: "milliseconds"}[unit]
	return &Gap{c.Service, fmt.Sprintf("the unit of %s is unknown: its name says no unit, which is read as %s, and its largest bucket ends at %s", c.Metric, name, number(largest)),
		"have it stored with its unit in its name (_seconds, _milliseconds), or count the bucket that customers accept as events (docs/slos.md)"}
}

// finite are the bounds of buckets that end somewhere, ascending.
func finite(buckets map[float64]float64) []float64 {
	var all []float64
	for b := range buckets {
		if !math.IsInf(b, 0) && !math.IsNaN(b) && b > 0 {
			all = append(all, b)
		}
	}
	slices.Sort(all)
	return all
}

// threshold writes seconds as SLO files do.
func threshold(seconds float64) string {
	return slo.FormatDuration(time.Duration(math.Round(seconds * float64(time.Second))))
}

// proposal fills in the definition.
func (c *Candidate) proposal(objective float64, f Figures, t Terms, bound string) *Proposal {
	d := slo.Definition{
		ID: c.ID(), Name: c.Name, Service: c.Service, Team: cmp.Or(t.Team, c.Service), Objective: objective,
		Window: slo.Window{Rolling: window}, SLI: c.SLI, GroupBy: c.GroupBy, NoData: slo.NoDataAuto, ResolveAfter: 5 * time.Minute, MinBad: 2,
		Annotations: map[string]string{"runbook": strings.NewReplacer("{service}", c.Service, "{slo}", c.ID()).Replace(t.Runbook)}, Dialect: slo.Native,
	}
	d.Policies, _ = slo.Resolve(nil, window, d.Budget())
	if c.Sliced {
		d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: slice, Target: 1}
	}
	good := "succeed"
	if bound != "" {
		good = "take at most " + bound
		took, err := time.ParseDuration(bound)
		if err != nil {
			took = time.Second // unreachable: threshold wrote it
		}
		if c.spans {
			spans := *c.SLI.Spans
			spans.Bad = "duration > " + bound
			d.SLI.Spans = &spans
		} else {
			d.SLI.Latency = &slo.LatencySLI{Histogram: c.SLI.Latency.Histogram, Threshold: took}
		}
	}
	if c.Sliced {
		good = "is reachable"
	}
	d.Description = c.description(objective, good)
	p := &Proposal{Definition: d}
	p.Reason = c.reason(objective, f, bound)
	p.Notes = c.notes(f, t)
	return p
}

func (c *Candidate) description(objective float64, good string) string {
	if c.Sliced {
		return fmt.Sprintf("%s %s in %s %% of all minutes.", c.Service, good, number(objective))
	}
	return fmt.Sprintf("%s %% of the %s of %s %s.", number(objective), c.What, c.Service, good)
}

// reason says what was and what the objective leaves.
func (c *Candidate) reason(objective float64, f Figures, bound string) string {
	was := "good"
	if bound != "" {
		was = "within " + bound
	}
	text := fmt.Sprintf("last %s: %s of %s were %s", ago(f.Elapsed), percent(f.Counts), c.events(f.Counts.Total), was)
	burn := slo.NewBurn(window, f.Counts, 1-objective/100)
	allowed := fmt.Sprintf("; %s %% allows %s %%", number(objective), number(100-objective))
	if f.Counts.Bad() < 0.5 {
		return text + allowed + ", and none of it would be spent"
	}
	return text + allowed + fmt.Sprintf(", of which a month like that spends %d %%", int(math.Ceil(100*burn.Rate)))
}

// notes are what the owner should know.
func (c *Candidate) notes(f Figures, t Terms) []string {
	var all []string
	switch {
	case f.Elapsed < brief:
		all = append(all, "Only the last "+ago(f.Elapsed)+" is known: look at the objective again in two weeks.")
	case f.Elapsed < settled:
		all = append(all, "Only the last "+ago(f.Elapsed)+" is known: look at the objective again after two weeks.")
	}
	if perHour := f.Counts.Total / max(f.Elapsed.Hours(), 1e-9); !c.Sliced && perHour < quiet {
		all = append(all, fmt.Sprintf("About %s an hour are few: single failures make tickets, not pages.", c.events(perHour)))
	}
	if c.shape.rank == rankUp {
		all = append(all, "Nothing is known of its requests; whether anything of it runs is the least that can be promised.")
	}
	if c.shape.spans != "" && !c.spans {
		all = append(all, "It is counted from span metrics, which are best effort: metrics of the service itself are surer.")
	}
	if t.Team == "" {
		all = append(all, "TEAM: nobody said who looks after "+c.Service+"; write your team instead.")
	}
	if !t.Given {
		all = append(all, "RUNBOOK: there is none yet, so pages link to the SLO's own page; write where it says what to do first.")
	}
	return append(all, "JOURNEY: pages say what customers were doing; write one, such as journey: buy.")
}

// quiet is how many events an hour a page policy of 99.9 % needs to be proof (docs/slos.md, low traffic).
const quiet = 140

// events is a number of what is counted.
func (c *Candidate) events(n float64) string {
	if c.Sliced {
		return thousands(n) + " minutes"
	}
	return thousands(n) + " " + c.What
}

// thousands writes a count with separators: 1,234,567.
func thousands(n float64) string {
	text := strconv.FormatFloat(math.Round(n), 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// percent writes the share of good events, never more than it was.
func percent(c slo.Counts) string {
	return number(math.Floor(c.Good/c.Total*1e5+1e-6)/1e3) + " %"
}

func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e3)/1e3, 'f', -1, 64) }

// ago writes a length of the past roughly.
func ago(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24+0.5))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()+0.5))
	}
	if d < 90*time.Second {
		return "minute"
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()+0.5))
}
