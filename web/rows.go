package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// row is one budget: one group of one SLO with its newest status.
type row struct {
	Def    *slo.Definition
	Status slo.Status
}

// ID is the SLO's ID.
func (r row) ID() string { return r.Def.ID }

// Href is the page of this budget.
func (r row) Href() string { return sloHref(r.Def.ID, r.Status.Group) }

// Spark is the small picture of this budget.
func (r row) Spark() string { return sparkHref(r.Def.ID, r.Status.Group) }

// Look is how the state appears.
func (r row) Look() look { return lookOf(r.Shown()) }

// Shown is the state that it is shown as.
func (r row) Shown() slo.State { return shownAs(r.Status) }

// Window is the SLO's window: as files write it, or what people call that of the calendar.
func (r row) Window() string {
	if p := r.Period(); p != nil {
		return p.Name
	}
	return windowOf(r.Def.Window)
}

// Period is the calendar window of now; nil for a rolling one, and before it was judged.
func (r row) Period() *period { return periodOf(r.Def.Window, r.Status.At) }

// Young reports whether data covers only a part of what the window has had so far.
func (r row) Young() bool { return young(r.Status) }

// Filled is the part of the history that was read, in whole percent that never claim all of it.
func (r row) Filled() string {
	return fmt.Sprintf("%d%s%%", min(int(filled(r.Status)*100), 99), nbsp)
}

// Noun names the events that spend the budget.
func (r row) Noun() string { return eventNoun(r.Def) }

// Dark says in words how little data arrives; nil while enough does.
func (r row) Dark() *darkWords { return darkOf(r.Status.Dark) }

// Objective is the promised share with its unit.
func (r row) Objective() string { return trimmed(r.Def.Objective, 6) + nbsp + "%" }

// Budget is the newest state of the error budget.
func (r row) Budget() slo.BudgetStatus { return r.Status.Budget }

// Name is the SLO's name; the objective is added where a file gives several.
func (r row) Name() string {
	if rest := strings.TrimPrefix(r.Def.ID, r.Def.Service+"/"); rest != r.Def.ID {
		return rest
	}
	return cmp.Or(r.Def.Name, r.Def.ID)
}

// burnOver returns the engine's burn over the window, nil when it has none or
// saw no events.
func (r row) burnOver(w time.Duration) *slo.Burn {
	for i := range r.Status.Burns {
		if b := &r.Status.Burns[i]; b.Window == w && b.Known {
			return b
		}
	}
	return nil
}

// Burn is the burn over the long window of the most urgent policy.
func (r row) Burn() *slo.Burn {
	if len(r.Def.Policies) == 0 {
		return nil
	}
	return r.burnOver(r.Def.Policies[0].Long)
}

// Whole is the burn over the SLO's own window, which carries the error ratio
// that the objective speaks of.
func (r row) Whole() *slo.Burn {
	if !r.Status.Whole.Known {
		return nil
	}
	return &r.Status.Whole
}

// Label names the budget in a sentence: checkout/availability (region=eu).
func (r row) Label() string {
	if len(r.Status.Group) == 0 {
		return r.Def.ID
	}
	return r.Def.ID + " (" + groupText(r.Status.Group) + ")"
}

// rows pairs definitions with their statuses. A definition that the engine has
// not judged yet gets one row that says so.
func rows(defs []*slo.Definition, statuses []slo.Status) []row {
	byID := map[string][]slo.Status{}
	for _, st := range statuses {
		byID[st.ID] = append(byID[st.ID], st)
	}
	var all []row
	for _, d := range defs {
		found := byID[d.ID]
		if len(found) == 0 {
			found = []slo.Status{{ID: d.ID, State: slo.StateUnseen, Reason: "It was loaded a moment ago and has not been judged yet."}}
		}
		for _, st := range found {
			all = append(all, row{d, st})
		}
	}
	return all
}

// matches reports whether every word of the query occurs in what the row shows.
func (r row) matches(query string) bool {
	hay := strings.ToLower(strings.Join([]string{r.Def.ID, r.Def.Service, r.Def.Team, r.Def.Journey,
		r.Def.Description, groupText(r.Status.Group), r.Look().Word}, " "))
	for name, value := range r.Def.Labels {
		hay += " " + strings.ToLower(name+"="+value)
	}
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(hay, word) {
			return false
		}
	}
	return true
}

// column is a sortable column: its key in the URL and its order, the order
// that a reader most often wants first.
type column struct {
	Key, Title, Hint string
	Number           bool
	less             func(a, b row) int
}

// columns are the overview's columns after the SLO's name.
func columns() []column {
	budget := func(r row) float64 {
		if !r.Status.Budget.Known {
			return 1e18 // unknown sorts behind every number
		}
		return r.Status.Budget.Remaining
	}
	rate := func(b *slo.Burn) float64 {
		if b == nil {
			return -1
		}
		return b.Rate
	}
	ratio := func(b *slo.Burn) float64 {
		if b == nil {
			return -1
		}
		return b.Ratio
	}
	return []column{
		{"state", "Status", "most urgent first", false, func(a, b row) int { return cmp.Compare(a.Look().Rank, b.Look().Rank) }},
		{"name", "SLO", "by service and name", false, func(a, b row) int { return 0 }},
		{"objective", "Objective", "the promised share of good events, and the window it holds over", true, func(a, b row) int { return cmp.Compare(b.Def.Objective, a.Def.Objective) }},
		{"budget", "Budget left", "the part of the window's error budget that is left", true, func(a, b row) int { return cmp.Compare(budget(a), budget(b)) }},
		{"burn", "Burn", "how many times faster than allowed the budget burns now", true, func(a, b row) int { return cmp.Compare(rate(b.Burn()), rate(a.Burn())) }},
		{"errors", "Error ratio", "bad events ÷ all events over the SLO's window", true, func(a, b row) int { return cmp.Compare(ratio(b.Whole()), ratio(a.Whole())) }},
		{"events", "Events", "all events in the SLO's window", true, func(a, b row) int {
			return cmp.Compare(b.Status.Budget.Counts.Total, a.Status.Budget.Counts.Total)
		}},
	}
}

// sortRows orders rows by a column, "-" before its key turning it round; equal
// rows stand by name and group.
func sortRows(all []row, key string) {
	by, reverse := strings.CutPrefix(key, "-")
	cols := columns()
	i := max(0, slices.IndexFunc(cols, func(c column) bool { return c.Key == by }))
	byName := func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Def.ID, b.Def.ID), cmp.Compare(groupText(a.Status.Group), groupText(b.Status.Group)))
	}
	slices.SortStableFunc(all, func(a, b row) int {
		n := cols[i].less(a, b)
		if cols[i].Key == "name" {
			n = byName(a, b)
		}
		if reverse {
			n = -n
		}
		return cmp.Or(n, byName(a, b))
	})
}
