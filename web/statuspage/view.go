package statuspage

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"burnline/alerting/statuspage"
)

// view is the page with where its style sheet stands.
type view struct {
	statuspage.Page
	Style string
}

// functions are what templates may call: words for figures.
func functions() template.FuncMap {
	return template.FuncMap{
		"percent": percent, "moment": moment, "iso": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"bar": barOf, "summary": summary, "figure": figure, "day": dayWords, "when": when, "list": func(all []string) string { return strings.Join(all, ", ") },
		"words": statuspage.State.Words, "wrong": func(all []statuspage.Entry) []statuspage.Entry { return thoseOf(all, false) },
		"watched": func(all []statuspage.Entry) []statuspage.Entry { return thoseOf(all, true) }, "paragraphs": paragraphs,
	}
}

// thoseOf are the entries that are only watched, or the others.
func thoseOf(all []statuspage.Entry, watched bool) []statuspage.Entry {
	var some []statuspage.Entry
	for _, e := range all {
		if (e.State == statuspage.Watched) == watched {
			some = append(some, e)
		}
	}
	return some
}

// percent writes a percentage and never rounds up: 99.999 is no 100.
func percent(p float64) string {
	if p >= 100 {
		return "100 %"
	}
	return fmt.Sprintf("%.2f %%", math.Floor(p*100+1e-9)/100)
}

// moment writes a time of the page's zone, which it names.
func moment(t time.Time) string { return t.Format("2 Jan 2006, 15:04 MST") }

// when says how long an entry lasted.
func when(e *statuspage.Entry) string {
	switch {
	case e.Kind == statuspage.KindNotice:
		return moment(e.From)
	case e.Ongoing && e.State == statuspage.Watched:
		return "Began " + moment(e.From) + ", works again since " + moment(e.Worked)
	case e.Ongoing && e.Kind == statuspage.KindIncident:
		return "Since " + moment(e.From)
	case e.Ongoing:
		return "Now, until " + moment(e.To)
	}
	to := e.To.Format("2 Jan 2006, 15:04 MST")
	if e.From.Format(time.DateOnly) == e.To.Format(time.DateOnly) {
		to = e.To.Format("15:04 MST")
	}
	return e.From.Format("2 Jan 2006, 15:04") + " to " + to
}

// paragraphs cuts a text where it has empty lines.
func paragraphs(text string) []string {
	var all []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// bar is one day of a picture: its class, and where it stands.
type bar struct {
	Class     string
	X         int
	Y, Height int
	Title     string
}

// barOf places a day. Each state has a shape of its own.
func barOf(i int, d statuspage.Day) bar {
	b := bar{X: i * 10, Height: 30, Title: dayWords(d)}
	switch d.State {
	case statuspage.Good:
		b.Class = "good"
	case statuspage.Bad:
		b.Class = "bad"
	case statuspage.Partial:
		b.Class, b.Y, b.Height = "partly", 12, 18
	case statuspage.Excluded:
		b.Class, b.Y, b.Height = "maintenance", 20, 10
	case statuspage.NoData:
		b.Class, b.Y, b.Height = "none", 24, 6
	default:
		b.Class, b.Y, b.Height = "before", 28, 2
	}
	return b
}

// dayWords says how a day was.
func dayWords(d statuspage.Day) string {
	text := shortDate(d.Date) + ": "
	switch {
	case d.State == statuspage.Before:
		return text + "not watched yet"
	case d.State == statuspage.Excluded:
		return text + "maintenance all day"
	case d.Worked == nil:
		return text + "no data"
	}
	text += percent(*d.Worked) + " worked"
	if d.State == statuspage.Bad {
		text += ", less than promised"
	}
	if d.Maintenance > 0 {
		text += ", " + hours(d.Maintenance) + " of maintenance"
	}
	if d.Missing > 0 {
		text += ", " + hours(d.Missing) + " without data"
	}
	return text
}

// shortDate writes a date as people do.
func shortDate(date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return at.Format("2 Jan")
}

// hours writes hours, or minutes of less than one.
func hours(h float64) string {
	if h < 1 {
		return fmt.Sprintf("%.0f min", math.Ceil(h*60))
	}
	return fmt.Sprintf("%.3g h", math.Round(h*10)/10)
}

// named is how many days a summary names.
const named = 5

// summary says in words what the bars show.
func summary(days []statuspage.Day) string {
	by := map[statuspage.DayState][]string{}
	for _, d := range slices.Backward(days) {
		by[d.State] = append(by[d.State], shortDate(d.Date))
	}
	var parts []string
	for _, one := range []struct {
		state     statuspage.DayState
		one, many string
	}{
		{statuspage.Good, "1 day was good", "%d days were good"}, {statuspage.Bad, "on 1 day more failed than promised", "on %d days more failed than promised"},
		{statuspage.Partial, "on 1 day some hours had no data", "on %d days some hours had no data"}, {statuspage.NoData, "1 day had no data", "%d days had no data"},
		{statuspage.Excluded, "1 day was maintenance", "%d days were maintenance"}, {statuspage.Before, "1 day was before this was watched", "%d days were before this was watched"},
	} {
		all := by[one.state]
		text := one.one
		switch len(all) {
		case 0:
			continue
		case 1:
		default:
			text = fmt.Sprintf(one.many, len(all))
		}
		if one.state == statuspage.Bad || one.state == statuspage.NoData || one.state == statuspage.Partial {
			text += " (" + strings.Join(all[:min(len(all), named)], ", ")
			if len(all) > named {
				text += ", …"
			}
			text += ")"
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("Of %d days: %s.", len(days), strings.Join(parts, "; "))
}

// figure says how available a journey was, with and without maintenance.
func figure(h statuspage.History) string {
	if h.Worked == nil {
		return "Nothing is known of the last 90 days."
	}
	text := percent(*h.Worked) + " worked in 90 days"
	var left []string
	if h.Maintenance > 0 {
		left = append(left, "without "+hours(h.Maintenance)+" of maintenance")
		if h.WorkedWithAll != nil {
			left[0] += ", with it " + percent(*h.WorkedWithAll)
		}
	}
	if h.Missing > 0 {
		left = append(left, hours(h.Missing)+" had no data and do not count")
	}
	if len(left) > 0 {
		text += " (" + strings.Join(left, "; ") + ")"
	}
	return text + "."
}
