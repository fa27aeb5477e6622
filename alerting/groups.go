package alerting

import (
	"strings"
	"time"

	"burnline/slo"
)

// Groups says in words which groups suffer: "in region eu-west", "for tenants a
// and b". It is "" for an SLO without group_by.
func Groups(groups []slo.Labels) string {
	names := groupNames(groups)
	if len(names) == 0 {
		return ""
	}
	if len(names) == 1 {
		label := names[0]
		values := make([]string, len(groups))
		for i, g := range groups {
			values[i] = inline(g.Get(label))
			if values[i] == "" {
				values[i] = "(none)"
			}
		}
		word := words(label)
		if len(values) > 1 {
			word = plural(word)
		}
		return preposition(label) + " " + word + " " + list(values)
	}
	each := make([]string, len(groups))
	for i, g := range groups {
		pairs := make([]string, len(g))
		for j, l := range g {
			pairs[j] = words(l.Name) + " " + inline(l.Value)
		}
		each[i] = strings.Join(pairs, " ")
	}
	return preposition(names[0]) + " " + list(each)
}

// groupNames returns the label names that occur, in order.
func groupNames(groups []slo.Labels) []string {
	var names []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, l := range g {
			if !seen[l.Name] {
				seen[l.Name] = true
				names = append(names, l.Name)
			}
		}
	}
	return names
}

// preposition is "in" for places and "for" for everything else.
func preposition(label string) string {
	for _, part := range strings.Split(strings.ToLower(label), "_") {
		switch part {
		case "region", "zone", "cluster", "country", "env", "environment", "namespace", "site", "datacenter", "dc",
			"city", "cell", "az", "continent":
			return "in"
		}
	}
	return "for"
}

// words writes a label's name as words.
func words(label string) string { return strings.ReplaceAll(label, "_", " ") }

// plural returns the plural of a label's name.
func plural(word string) string {
	switch {
	case strings.HasSuffix(word, "s"), strings.HasSuffix(word, "x"), strings.HasSuffix(word, "ch"), strings.HasSuffix(word, "sh"):
		return word + "es"
	case strings.HasSuffix(word, "y") && len(word) > 1 && !vowel(word[len(word)-2]):
		return word[:len(word)-1] + "ies"
	}
	return word + "s"
}

// windowName names the SLO's window before "error budget": month's, 14-day.
func windowName(d *slo.Definition) string {
	if d == nil {
		return "SLO's"
	}
	const day = 24 * time.Hour
	switch w := d.Window.Nominal(); {
	case w == 30*day || w == 31*day:
		return "month's"
	case w == 7*day:
		return "week's"
	case w == day:
		return "day's"
	case w == time.Hour:
		return "hour's"
	case w >= 89*day && w <= 92*day:
		return "quarter's"
	case w >= 365*day && w <= 366*day:
		return "year's"
	default:
		return strings.ReplaceAll(hyphened(w), " ", "-")
	}
}

// hyphened writes a window's length as an attribute: 14 day, 90 minute.
func hyphened(w time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if w >= u.unit && w%u.unit == 0 {
			return Count(float64(w/u.unit)) + " " + u.name
		}
	}
	return w.String()
}
