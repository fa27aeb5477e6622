package web

import (
	"cmp"
	"fmt"
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

// Ends reports whether the budget goes to its end at the rate of now: what was spent in the last hour is no rate
// of now once the failing has stopped.
func (r row) Ends() bool { return r.Status.Budget.Exhausts && r.Status.Rests() == nil }

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
