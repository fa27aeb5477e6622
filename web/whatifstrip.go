package web

import (
	"time"

	"burnline/slo"
)

// whatIfStrip is a picture of what is compared: a line for each, on one axis of time.
type whatIfStrip struct {
	From, To time.Time
	Lines    []whatIfLine
	Height   int
}

// whatIfLine is one line of it, with its distances from the top.
type whatIfLine struct {
	Title    string
	Mid, Top int
	Bars     []whatIfBar
}

// whatIfBar spans from X over Width of 1,000 units.
type whatIfBar struct {
	X, Width float64
	Severity slo.Severity
	Open     bool
	Text     string
}

func whatIfStripOf(sides []whatIfSide, from, to time.Time) whatIfStrip {
	s := whatIfStrip{From: from, To: to, Height: 20 * len(sides)}
	whole := to.Sub(from).Seconds()
	for i, side := range sides {
		line := whatIfLine{Title: side.Title, Mid: 20*i + 10, Top: 20*i + 5}
		for _, in := range side.Incidents {
			end := to
			if in.Closed != nil {
				end = *in.Closed
			}
			start := from
			if in.Started != nil && in.Started.After(from) {
				start = *in.Started
			}
			width := max(end.Sub(start).Seconds()/whole*1000, 5)
			line.Bars = append(line.Bars, whatIfBar{
				X: min(start.Sub(from).Seconds()/whole*1000, 1000-width), Width: width, Severity: in.Severity, Open: in.Closed == nil,
				Text: string(in.Severity) + " at " + in.Opened.Format("2 Jan 15:04") + " UTC",
			})
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}
