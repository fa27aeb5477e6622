package slo

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Changes says in plain words how a definition differs from the one before,
// without where it is written; nothing when it doesn't. Lowered is true when
// something promises less than before: a lower objective or target, or a longer
// threshold.
func Changes(old, now *Definition) (changes []string, lowered bool) {
	add := func(format string, args ...any) { changes = append(changes, fmt.Sprintf(format, args...)) }
	if old.Objective != now.Objective {
		word := "raised"
		if now.Objective < old.Objective {
			word, lowered = "lowered", true
		}
		add("the objective was %s from %s%% to %s%%", word, number(old.Objective), number(now.Objective))
	}
	if a, b := old.Window.String(), now.Window.String(); a != b {
		add("the window changed from %s to %s", a, b)
	}
	sli, weaker := sliChanges(old, now)
	changes, lowered = append(changes, sli...), lowered || weaker
	if !slices.Equal(old.GroupBy, now.GroupBy) {
		add("it is split by %s instead of %s", listed(now.GroupBy), listed(old.GroupBy))
	}
	if !slices.Equal(old.DependsOn, now.DependsOn) {
		add("it depends on %s instead of %s", listed(now.DependsOn), listed(old.DependsOn))
	}
	if old.NoData != now.NoData {
		add("no_data changed from %s to %s", old.NoData, now.NoData)
	}
	if !reflect.DeepEqual(old.Policies, now.Policies) {
		add("the alert policies changed from %s to %s", policiesOf(old), policiesOf(now))
	}
	if old.ResolveAfter != now.ResolveAfter {
		add("resolve_after changed from %s to %s", FormatDuration(old.ResolveAfter), FormatDuration(now.ResolveAfter))
	}
	if old.MinBad != now.MinBad {
		add("min_bad changed from %s to %s", number(old.MinBad), number(now.MinBad))
	}
	return append(changes, wordChanges(old, now)...), lowered
}

// sliChanges compares what is counted.
func sliChanges(old, now *Definition) (changes []string, lowered bool) {
	a, b := old.SLI.Latency, now.SLI.Latency
	switch {
	case a != nil && b != nil && a.Threshold != b.Threshold && reflect.DeepEqual(a.Histogram, b.Histogram):
		lowered = b.Threshold > a.Threshold
		changes = append(changes, fmt.Sprintf("the threshold changed from %s to %s", FormatDuration(a.Threshold), FormatDuration(b.Threshold)))
	case !reflect.DeepEqual(old.SLI, now.SLI):
		changes = append(changes, "what is counted changed")
	}
	if old.Budgeting != now.Budgeting {
		lowered = lowered || old.Budgeting.Method == now.Budgeting.Method && now.Budgeting.Target < old.Budgeting.Target
		changes = append(changes, fmt.Sprintf("the budgeting changed from %s to %s", old.Budgeting, now.Budgeting))
	}
	return changes, lowered
}

// wordChanges compares what is for people.
func wordChanges(old, now *Definition) []string {
	var changes []string
	for _, f := range []struct{ name, old, now string }{
		{"team", old.Team, now.Team},
		{"journey", old.Journey, now.Journey},
		{"description", old.Description, now.Description},
	} {
		if f.old != f.now {
			changes = append(changes, fmt.Sprintf("the %s changed from %q to %q", f.name, f.old, f.now))
		}
	}
	for _, f := range []struct {
		name     string
		old, now map[string]string
	}{
		{"labels", old.Labels, now.Labels},
		{"alert labels", old.AlertLabels, now.AlertLabels},
		{"annotations", old.Annotations, now.Annotations},
	} {
		if !maps.Equal(f.old, f.now) {
			changes = append(changes, "the "+f.name+" changed")
		}
	}
	return changes
}

// String names the method with its slice and target: timeslices of 1m at 95%.
func (b Budgeting) String() string {
	switch b.Method {
	case Timeslices:
		return fmt.Sprintf("%s of %s at %s%%", b.Method, FormatDuration(b.Slice), number(100*b.Target))
	case RatioTimeslices:
		return fmt.Sprintf("%s of %s", b.Method, FormatDuration(b.Slice))
	}
	return string(Occurrences)
}

// policiesOf writes policies in short: page 1h/5m above 14.4, ticket 3d/6h above 1.
func policiesOf(d *Definition) string {
	all := make([]string, len(d.Policies))
	for i, p := range d.Policies {
		all[i] = fmt.Sprintf("%s %s/%s above %.3g", p.Severity, FormatDuration(p.Long), FormatDuration(p.Short), p.Factor)
	}
	return listed(all)
}

func listed(all []string) string {
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

// number writes a number as a person would, without the rounding of binary fractions.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 12, 64) }
