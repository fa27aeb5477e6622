package engine

import (
	"testing"
	"time"

	"burnline/slo"
)

// A service that exports 20 requests every two seconds has a rate of ten a
// second, however short the chart's steps might be and whenever it is looked at.
func TestASteadyRateIsDrawnAsALine(t *testing.T) {
	begin := time.Unix(1_700_000_000, 0)
	for late := range 5 {
		now := begin.Add(5*time.Minute + time.Duration(late)*time.Second)
		g := &group{rings: newRings(keep{longest: 6 * time.Hour}), covered: begin.UnixMilli()}
		for at := begin; !at.After(now); at = at.Add(2 * time.Second) {
			ms := at.UnixMilli()
			g.rings.add(ms, ms, 20, 0, false, now.UnixMilli())
		}
		c := &charting{def: &slo.Definition{Objective: 99, Window: slo.Window{Rolling: 6 * time.Hour}}, from: g.source(), now: now, every: 2 * time.Second}
		chart := c.draw(nil, now.Add(-5*time.Minute), now, 300)
		points := chart.Points[2:] // the first may begin before the service did
		if len(points) < 60 {
			t.Fatalf("only %d points", len(points))
		}
		for _, p := range points {
			if p.Rate < 7 || p.Rate > 13 {
				t.Errorf("looked at %s late, %s draws %.1f requests a second, want about 10", time.Duration(late)*time.Second, p.T.Sub(begin), p.Rate)
			}
		}
		if last := points[len(points)-1]; !last.T.Equal(now) {
			t.Errorf("the chart ends at %s, want %s", last.T, now)
		}
	}
}

// A server that has known a service for two minutes shows five: before them nobody knows what was left.
func TestTheBudgetIsDrawnFromTheFirstDataOn(t *testing.T) {
	begin := time.Unix(1_700_000_000, 0)
	now := begin.Add(2 * time.Minute)
	g := &group{rings: newRings(keep{longest: 6 * time.Hour}), covered: begin.UnixMilli()}
	for at := begin.Add(2 * time.Second); !at.After(now); at = at.Add(2 * time.Second) {
		g.rings.add(at.UnixMilli(), at.UnixMilli(), 20, 1, false, now.UnixMilli())
	}
	c := &charting{def: &slo.Definition{Objective: 99, Window: slo.Window{Rolling: 6 * time.Hour}}, from: g.source(), now: now, every: 2 * time.Second}
	known := 0
	for _, p := range c.draw(nil, now.Add(-5*time.Minute), now, 60).Points {
		if after := p.T.After(begin); after != (p.Remaining != nil) {
			t.Errorf("%s after the first data a budget is drawn: %t", p.T.Sub(begin), p.Remaining != nil)
		}
		if p.Remaining != nil {
			known++
		}
	}
	if known < 20 {
		t.Errorf("only %d points have a budget", known)
	}
}
