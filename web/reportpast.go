package web

import (
	"fmt"
	"strings"

	"burnline/slo/report"
)

// The box of a small picture of twelve months, in pixels.
const (
	pastBar    = 5
	pastStep   = 7
	pastHeight = 20
)

// pastView is the small picture of a past: a bar for each month.
type pastView struct {
	Width, Height int
	Bars          []pastBox
	// LineY is where all of the budget is, -1 for none. Summary says all in words.
	LineY   float64
	Summary string
}

// pastBox is the bar of a month, with its look as in the calendar.
type pastBox struct {
	X      int
	Y      float64
	High   float64
	Class  string
	Title  string
	Hollow bool
}

// SpentPast draws what an SLO spent of its budget in each month, under the line of all of it.
func (v reportView) SpentPast(l report.Line) pastView {
	p := drawPast(report.SpentBars(l.Past), "Budget spent")
	p.LineY = pastHeight * (1 - 1/report.SpentTop)
	return p
}

// ScorePast draws the scores of a team.
func (v reportView) ScorePast(row report.MatrixRow) pastView {
	return drawPast(report.ScoreBars(row.Past), "Score")
}

// HasPast says whether the report was made with the past of its SLOs.
func (v reportView) HasPast() bool { return len(v.SLOs) > 0 && len(v.SLOs[0].Past) > 0 }

func drawPast(bars []report.Bar, what string) pastView {
	v := pastView{Width: max(1, len(bars)*pastStep-(pastStep-pastBar)), Height: pastHeight, LineY: -1}
	var words []string
	for i, b := range bars {
		box := pastBox{X: i * pastStep, High: b.High * pastHeight, Class: string(b.Look), Title: b.Words}
		if b.Look == report.DayUnknown { // a low open box: nothing is known, which is not nothing spent
			box.High, box.Hollow = 3, true
		}
		box.Y = pastHeight - box.High
		v.Bars = append(v.Bars, box)
		words = append(words, b.Words)
	}
	v.Summary = fmt.Sprintf("%s by month: %s.", what, strings.Join(words, ", "))
	return v
}
