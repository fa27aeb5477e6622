package rules

import (
	"time"

	"burnline/slo"
)

// Group is one group of rules, which are evaluated in order at one moment.
type Group struct {
	// Name is unique in a file.
	Name string
	// Interval is the time between two evaluations. The counts rest on it.
	Interval time.Duration
	Rules    []Rule
}

// Rule records a series, or alerts; exactly one of Record and Alert is set.
type Rule struct {
	Record, Alert string
	// Expr is PromQL.
	Expr string
	// KeepFiringFor is for how long an alert goes on once Expr no longer holds.
	KeepFiringFor time.Duration
	Labels        map[string]string
	Annotations   map[string]string
}

// The defaults of Options.
const (
	// DefaultInterval is the time between two evaluations of pages.
	DefaultInterval = time.Minute
	// DefaultScrape is the time between two samples of a series.
	DefaultScrape = 15 * time.Second
)

// tile is the interval of the rules that count for windows beyond rawLimit: each
// evaluation counts the events since the one before, so that a long window is a sum
// of few numbers, and every event weighs the same.
const tile = 5 * time.Minute

// rawLimit is the longest window that is counted from the raw series, to the
// second; longer ones are sums of tiles. The slowest default page looks back that far.
const rawLimit = 6 * time.Hour

// The names of what rules record beside the series that Burnline records too.
const (
	recordTiles   = "slo:events:increase5m"      // events by tile
	recordRaw     = "slo:events:increase"        // events by window
	recordSlice   = "slo:slice_error_ratio:last" // bad share of a slice of time
	recordSliced  = "slo:slice_events:increase"  // events of a slice of time
	recordSamples = "slo:sample_events:count"    // samples of a gauge, as they are seen

	recordRatio     = "slo_error_ratio"
	recordBurn      = "slo_burn_rate"
	recordRemaining = "slo_error_budget_remaining_ratio"
	recordObjective = "slo_objective_ratio"
	recordInfo      = "slo_info"
)

// AlertName is the name of every alert on a burning error budget; the label slo
// says whose.
const AlertName = "SLOErrorBudgetBurn"

// noDataName is the name of alerts on a total that no longer reports.
const noDataName = "SLONoData"

// Groups returns the rules of one SLO, and in plain sentences what they can't
// express of it. An SLO that rules can't express at all has no groups.
func Groups(d *slo.Definition, o Options) ([]Group, []string) {
	o = o.withDefaults()
	limits := limitsOf(d, o.Scrape)
	if d.SLI.Composite != nil {
		return nil, limits
	}
	b := &builder{def: d, scrape: o.Scrape}
	b.fast = Group{Name: "slo " + d.ID + " fast", Interval: o.Interval}
	b.slow = Group{Name: "slo " + d.ID + " slow", Interval: tile}
	if every, ok := sliceOf(d, o.Interval); ok {
		// A slice is counted once, when it ends: everything follows its rhythm.
		b.slow.Name, b.slow.Interval = "slo "+d.ID, every
		b.sliced()
	} else {
		b.events()
	}
	b.alerts()
	b.facts()
	groups := []Group{b.fast, b.slow}
	if len(b.fast.Rules) == 0 {
		groups = groups[1:]
	}
	return groups, limits
}

// builder collects the rules of one SLO.
type builder struct {
	def    *slo.Definition
	scrape time.Duration
	// fast holds what pages rest on, slow everything else.
	fast, slow Group
	// oneRhythm is true where everything is in slow.
	oneRhythm bool
}

// selectors of recorded series.
func (b *builder) series(name string, pairs ...string) string {
	sel := slo.Selector{Name: name, Matchers: []slo.Matcher{{Label: "slo", Op: slo.MatchEqual, Value: b.def.ID}}}
	for i := 0; i+1 < len(pairs); i += 2 {
		sel.Matchers = append(sel.Matchers, slo.Matcher{Label: pairs[i], Op: slo.MatchEqual, Value: pairs[i+1]})
	}
	return sel.String()
}

// record returns a recording rule whose series carry the SLO and the pairs as labels.
func (b *builder) record(name, expr string, pairs ...string) Rule {
	labels := map[string]string{"slo": b.def.ID}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			labels[pairs[i]] = pairs[i+1]
		}
	}
	return Rule{Record: name, Expr: expr, Labels: labels}
}
