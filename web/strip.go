package web

import (
	"time"
)

// strip is a picture of incidents over time: one bar each on a line per SLO.
type strip struct {
	From, To time.Time
	Lines    []stripLine
	Height   int
}

// stripLine is the incidents of one SLO; Y is its distance from the top.
type stripLine struct {
	SLO  string
	Y    int
	Bars []stripBar
}

// stripBar spans from X over Width of 1,000 units.
type stripBar struct {
	X, Width float64
	Row      incidentRow
}

// stripLines is how many SLOs the picture shows at most: those whose incidents
// are newest.
const stripLines = 12

// stripOf draws the listed incidents between the oldest start and now.
func stripOf(rows []incidentRow, now time.Time) strip {
	if len(rows) == 0 {
		return strip{}
	}
	s := strip{From: rows[0].Incident.Started, To: now}
	for _, r := range rows {
		if r.Incident.Started.Before(s.From) {
			s.From = r.Incident.Started
		}
	}
	whole := max(s.To.Sub(s.From), time.Minute).Seconds()
	line := map[string]int{}
	for _, r := range rows {
		i, ok := line[r.Incident.SLO]
		if !ok {
			if len(s.Lines) == stripLines {
				continue
			}
			i = len(s.Lines)
			line[r.Incident.SLO] = i
			s.Lines = append(s.Lines, stripLine{SLO: r.Incident.SLO, Y: i * 20})
		}
		x := r.Incident.Started.Sub(s.From).Seconds() / whole * 1000
		w := max(r.Lasted().Seconds()/whole*1000, 6)
		s.Lines[i].Bars = append(s.Lines[i].Bars, stripBar{X: min(x, 1000-w), Width: w, Row: r})
	}
	s.Height = len(s.Lines) * 20
	return s
}

// Mid places the rule of a line.
func (l stripLine) Mid() int { return l.Y + 10 }

// Top places the bars of a line.
func (l stripLine) Top() int { return l.Y + 5 }
