package web

import (
	"fmt"
	"strings"

	"burnline/alerting"
	"burnline/slo"
)

// overviewSentence says in plain words how the promises of some rows stand.
func overviewSentence(rows []row, all []int) string {
	var burning []string // what suffers, each once: several SLOs may watch one journey
	named := map[string]bool{}
	burn, spent, held, unknown := 0, 0, 0, 0
	var rested resting
	for _, i := range all {
		r := &rows[i]
		switch {
		case r.Status.State == slo.StateBurning && r.Status.Rests() != nil:
			rested.add(*r)
		case r.Status.State == slo.StateBurning:
			burn++
			if who := sufferer(*r); !named[who] {
				named[who], burning = true, append(burning, who)
			}
		case r.Status.State == slo.StateSpent:
			spent++
		case r.Status.State == slo.StateIdle && len(r.Status.Held) > 0:
			held++
		case !r.Status.State.Known() || r.Shown() == shownFilling:
			unknown++
		}
	}
	if len(all) == 0 {
		return "Burnline runs, and no SLO is loaded yet."
	}
	var parts []string
	switch n := burn; {
	case n == 1:
		parts = append(parts, fmt.Sprintf("1 of %s burns too fast: %s.", plural(len(all), "error budget", "error budgets"), burning[0]))
	case n > 1:
		parts = append(parts, fmt.Sprintf("%d of %d error budgets burn too fast: %s.", n, len(all), listed(burning, 3)))
	case spent+held+unknown+rested.rows == 0 && len(all) == 1:
		return "The one SLO holds."
	case spent+held+unknown+rested.rows == 0:
		return fmt.Sprintf("All %d error budgets hold.", len(all))
	case rested.rows > 0: // a rule may fire that looks far back
		parts = rested.sentences()
		if n := len(all) - spent - held - unknown - rested.rows; n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s %s.", n, plural(len(all), "error budget", "error budgets"), map[bool]string{true: "holds", false: "hold"}[n == 1]))
		}
	case spent+held+unknown < len(all):
		parts = append(parts, fmt.Sprintf("No error budget burns too fast; %d of %d hold.", len(all)-spent-held-unknown, len(all)))
	}
	if burn > 0 {
		parts = append(parts, rested.sentences()...)
	}
	if spent > 0 {
		parts = append(parts, fmt.Sprintf("%d %s spent.", spent, isAre(spent)))
	}
	if held > 0 {
		parts = append(parts, fmt.Sprintf("%d %s in maintenance.", held, isAre(held)))
	}
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d can't be judged for lack of sound data.", unknown))
	}
	return strings.Join(parts, " ")
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// listed joins names in a sentence and counts those beyond most.
func listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// sloSentence says in plain words how one budget stands.
func sloSentence(r row) string {
	who := sufferer(r)
	if !r.Status.State.Known() || r.Shown() == shownFilling {
		return who + ": " + unknownWords(r)
	}
	w := r.Whole()
	if w == nil {
		return who + ": " + lower(firstOf(r.Status.Reason, "no events happened in its window yet."))
	}
	if r.Status.Rests() != nil {
		var x resting
		x.add(r)
		return x.sentences()[0] + " " + budgetWords(r)
	}
	if p := firing(r.Status.Policies); p != nil {
		return fmt.Sprintf("%s: %s of %s %s in the last %s, %s what its objective of %s allows. %s",
			who, percent(p.Long.Ratio), count(p.Long.Counts.Total), badWords(r.Def), window(p.Long.Window), burnRate(p.Long.Rate), r.Objective(), budgetWords(r))
	}
	s := fmt.Sprintf("%s: %s of %s %s over %s, promised are %s.", who, goodShare(w.Ratio), count(w.Counts.Total), goodWords(r.Def), r.Window(), r.Objective())
	return s + " " + budgetWords(r)
}

// sufferer names what a budget is about in the words of its pages: "Buying in
// region eu".
func sufferer(r row) string {
	who := alerting.Title(r.Def, slo.Incident{SLO: r.Def.ID})
	if len(r.Status.Group) == 0 {
		return who
	}
	return who + " " + alerting.Groups([]slo.Labels{r.Status.Group})
}

// firing returns the most urgent policy that fires, nil when none does.
func firing(ps []slo.PolicyStatus) *slo.PolicyStatus {
	for i := range ps {
		if ps[i].Firing {
			return &ps[i]
		}
	}
	return nil
}

// unknownWords explains a state that rests on no events.
func unknownWords(r row) string {
	words := map[slo.State]string{
		slo.StateIdle:    "nothing that counts happens just now.",
		slo.StateMissing: "its series stopped reporting, so nobody can say how it fares.",
		slo.StateBroken:  "its numbers contradict each other, so nobody can say how it fares.",
		slo.StateUnseen:  "no data has ever arrived for it.",
	}
	if r.Status.Filling {
		return "its past is still being read from storage, " + r.Filled() + " so far; until then nobody can say how it fares."
	}
	return firstOf(words[r.Status.State], "its state is not known.")
}

// goodWords says what good events were, by the kind of SLI.
func goodWords(d *slo.Definition) string {
	if d.SLI.Latency != nil && d.Slice() == 0 {
		return "requests took at most " + d.SLI.Latency.Threshold.String()
	}
	return eventNoun(d) + " were good"
}

// badWords says what bad events were.
func badWords(d *slo.Definition) string {
	if d.SLI.Latency != nil && d.Slice() == 0 {
		return "requests took longer than " + d.SLI.Latency.Threshold.String()
	}
	return eventNoun(d) + " were bad"
}

// budgetWords says what is left of the budget and when it will be gone.
func budgetWords(r row) string {
	b := r.Status.Budget
	switch {
	case !b.Known:
		return "How much of the error budget is left is not known yet."
	case b.Spent:
		return "The error budget is spent."
	case r.Ends() && r.Status.State == slo.StateBurning:
		return fmt.Sprintf("%s of the error budget is left; at this rate it is gone in %s.", left(b.Remaining), span(b.GoneIn))
	case r.Young():
		return fmt.Sprintf("%s of the error budget is left, judged by the first %s.", left(b.Remaining), span(b.Elapsed))
	}
	if p := r.Period(); p != nil {
		return fmt.Sprintf("%s of the error budget is left, with %s.", left(b.Remaining), strings.TrimSuffix(p.Left, " left")+" to go")
	}
	return fmt.Sprintf("%s of the error budget is left.", left(b.Remaining))
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func capital(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return ""
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func lower(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	return strings.ToLower(string(r[:1])) + string(r[1:])
}
