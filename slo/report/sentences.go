package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sentences opens the report: better or worse, why, and what needs deciding.
func (r *Report) sentences() []string {
	return []string{r.course(), r.why(), r.decide()}
}

// course says whether it was better or worse than before.
func (r *Report) course() string {
	name := capital(r.Period.Title())
	if r.Team != "" {
		name += " of team " + r.Team
	}
	is, was := "was", "was kept"
	if r.Running {
		name, is, was = name+" so far", "is", "is kept"
	}
	all, m := r.Met.Corrected.All(), r.Met.Corrected
	switch {
	case all == 0:
		return name + ": nothing was promised, since no SLO was in force."
	case m.NoData == all:
		return fmt.Sprintf("%s: nobody knows how it %s, since %s had any data.", name, is, none(all))
	case r.Score.Corrected == nil:
		return name + ": corrections take out everything, so nothing is left to judge."
	}
	now := *r.Score.Corrected
	kept := fmt.Sprintf("%s of what was promised %s, and %s", percent(now), was, metWords(m))
	if r.Before.Corrected == nil || r.MetBefore.Corrected.NoData == r.MetBefore.Corrected.All() {
		return fmt.Sprintf("%s: %s; there is nothing before to compare it with.", name, kept)
	}
	before := *r.Before.Corrected
	word := "was as good as"
	switch {
	case now-before >= 0.1:
		word = is + " better than"
	case before-now >= 0.1:
		word = is + " worse than"
	case r.Running:
		word = "is as good as"
	}
	return fmt.Sprintf("%s %s %s: %s, after %s and %d of %d.", name, word, r.Period.Before().Title(), kept,
		percent(before), r.MetBefore.Corrected.Kept, r.MetBefore.Corrected.All())
}

// none says that not one of n SLOs did.
func none(n int) string {
	switch n {
	case 1:
		return "the one SLO never"
	case 2:
		return "neither of the 2 SLOs"
	}
	return fmt.Sprintf("none of the %d SLOs", n)
}

// metWords says how many objectives were met, and of how many that is not known.
func metWords(m States) string {
	s := fmt.Sprintf("%d of %d %s met", m.Kept, m.All(), plural(m.All(), "objective was", "objectives were"))
	if unknown := m.Partly + m.NoData; unknown > 0 {
		s += fmt.Sprintf(" (%d more %s not known for all the time)", unknown, plural(unknown, "is", "are"))
	}
	return s
}

// why names the three worst incidents.
func (r *Report) why() string {
	var named []string
	for _, in := range r.Incidents {
		if in.Spent > 0 && len(named) < 3 {
			named = append(named, r.incidentWords(&in))
		}
	}
	missed := r.Met.Corrected.Missed
	switch {
	case len(named) == 1:
		return "The one incident that cost most was " + named[0] + "."
	case len(named) > 1:
		return fmt.Sprintf("The %s worst incidents were %s.", []string{"", "", "two", "three"}[len(named)], list(named))
	case missed > 0:
		return fmt.Sprintf("%d %s missed without any incident: failures were few at a time, and many together.", missed, plural(missed, "objective was", "objectives were"))
	case r.Met.Corrected.Kept == 0:
		return "There was no incident that is known of."
	}
	return "There was no incident that cost any customers."
}

// incidentWords say in a few words what happened.
func (r *Report) incidentWords(in *Incident) string {
	part := percent(100 * in.Spent)
	if in.Spent < 0.001 {
		part = "under 0.1 %"
	}
	s := fmt.Sprintf("%s on %s (%s, %s of the budget", orElse(in.Title, in.SLO), in.Started.In(r.Period.From.Location()).Format("2 January"),
		length(in.lasted(r.Made)), part)
	if in.Customers > 0 {
		s += fmt.Sprintf(", %s %s", count(in.Customers), plural(int(in.Customers), "customer", "customers"))
	}
	return s + ")"
}

// decide says what somebody has to decide.
func (r *Report) decide() string {
	var asks []string
	again, once := r.missed()
	if len(again) > 0 {
		asks = append(asks, fmt.Sprintf("whether %s %s more work or a lower objective, since %s missed twice in a row", names(again), plural(len(again), "gets", "get"), plural(len(again), "it was", "they were")))
	}
	if len(once) > 0 {
		asks = append(asks, "what is done about "+names(once)+", which "+plural(len(once), "was", "were")+" missed")
	}
	if soon := r.soon(); len(soon) > 0 {
		asks = append(asks, fmt.Sprintf("what is put off for %s, whose %s soon", names(soon), plural(len(soon), "budget is gone", "budgets are gone")))
	}
	if n := len(r.Coverage.NoData); n > 0 {
		asks = append(asks, fmt.Sprintf("who brings data back to %s", names(r.Coverage.NoData)))
	}
	if n := len(r.Coverage.Unowned); n > 0 {
		asks = append(asks, fmt.Sprintf("who owns %s", names(r.Coverage.Unowned)))
	}
	if n := r.All.Never; n > 0 && n*2 >= r.All.Pages {
		asks = append(asks, fmt.Sprintf("why nobody acknowledged %d of %d %s", n, r.All.Pages, plural(r.All.Pages, "page", "pages")))
	}
	if lowered := r.lowered(); len(lowered) > 0 {
		asks = append(asks, fmt.Sprintf("whether %s may promise less than before", names(lowered)))
	}
	if len(asks) == 0 {
		return "Nothing needs deciding."
	}
	return "To decide: " + strings.Join(asks[:min(len(asks), mostAsks)], "; ") + "."
}

// mostAsks is how many decisions the third sentence asks for.
const mostAsks = 3

// missed returns the SLOs in force that missed their objective in this period and the one before,
// and those that did in this one alone.
func (r *Report) missed() (again, once []string) {
	for i := range r.SLOs {
		switch l := &r.SLOs[i]; {
		case l.Removed || l.Corrected.State != Missed:
		case l.Before == Missed:
			again = append(again, l.ID)
		default:
			once = append(once, l.ID)
		}
	}
	return again, once
}

// soon returns the SLOs that did not miss and whose budget will be gone within a week.
func (r *Report) soon() (ids []string) {
	for _, e := range r.Exhaustion {
		if !e.Spent && e.GoneIn <= 7*24*time.Hour && !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func (r *Report) lowered() (ids []string) {
	for _, c := range r.Changes {
		if c.Kind == ChangeLowered && !slices.Contains(ids, c.SLO) {
			ids = append(ids, c.SLO)
		}
	}
	return ids
}

// names names up to three, and counts the rest.
func names(ids []string) string {
	if len(ids) > 4 {
		return list(append(slices.Clone(ids[:3]), fmt.Sprintf("%d more", len(ids)-3)))
	}
	return list(ids)
}

// list joins with commas and an and.
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// percent writes a share with one digit where it is not whole; it is rounded down, so that nothing
// less than all is 100 %.
func percent(v float64) string {
	return strconv.FormatFloat(math.Floor(v*10+1e-6)/10, 'f', -1, 64) + " %"
}

// count writes a whole number with commas between thousands.
func count(v float64) string {
	digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// length writes a duration in its two largest units.
func length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24), " 0 h")
}
