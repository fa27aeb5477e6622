package web

import (
	"fmt"
	"time"

	"burnline/slo/report"
)

// The boxes of the calendar, in units of its picture.
const (
	calendarCell  = 14
	calendarGap   = 2
	calendarLeft  = 62
	calendarScore = 62
)

// calendarView is the picture of twelve months: a line for each, a box for each day.
type calendarView struct {
	Width, Height int
	Rows          []calendarRow
	// Summary says it in words.
	Summary string
}

// calendarRow is one month.
type calendarRow struct {
	Name, Score string
	Y, TextY    int
	ScoreX      int
	Met         report.States
	Known       bool
	Days        []calendarBox
}

// calendarBox is one day.
type calendarBox struct {
	X, Y int
	// Class is kept, some, missed or unknown; it has a shape as well as a colour.
	Class, Title string
}

// calendarOf draws the calendar of a report.
func calendarOf(r *report.Report) calendarView {
	const step = calendarCell + calendarGap
	v := calendarView{Width: calendarLeft + 31*step + calendarScore, Height: len(r.Calendar)*(step+2) + 2}
	count := map[string]int{}
	for i, m := range r.Calendar {
		y := i * (step + 2)
		row := calendarRow{Name: m.Name, Score: scoreWords(m.Score.Corrected), Y: y, TextY: y + 11, ScoreX: calendarLeft + 31*step + 6, Met: m.Met, Known: m.Met.All() > 0}
		if at, err := time.Parse("2006-01", m.Name); err == nil {
			row.Name = at.Format("Jan 2006")
		}
		if !row.Known {
			row.Score = "–"
		}
		for _, d := range m.Days {
			box := boxOf(&d)
			at, err := time.Parse(time.DateOnly, d.Date)
			if err != nil {
				continue
			}
			box.X, box.Y = calendarLeft+(at.Day()-1)*step, y
			count[box.Class]++
			row.Days = append(row.Days, box)
		}
		v.Rows = append(v.Rows, row)
	}
	v.Summary = fmt.Sprintf("Of %d days, on %d every objective was kept, on %d most of what was promised, on %d less than three quarters; of %d nothing is known.",
		count["kept"]+count["some"]+count["missed"]+count["unknown"], count["kept"], count["some"], count["missed"], count["unknown"])
	return v
}

// boxOf is a day without its place.
func boxOf(d *report.CalendarDay) calendarBox {
	m := d.Met
	return calendarBox{Class: string(d.Look()),
		Title: fmt.Sprintf("%s: %s; %d of %d met, %d missed, %d without data", d.Date, scoreWords(d.Score), m.Kept, m.All(), m.Missed, m.NoData+m.Partly)}
}

func scoreWords(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return report.Percent(*v)
}
