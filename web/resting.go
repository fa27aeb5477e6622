package web

import (
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// resting are budgets whose failing has stopped while their incidents are still open.
type resting struct {
	rows    int
	names   []string // what suffered, each once
	severe  slo.Severity
	stopped time.Time
	until   time.Time
	now     time.Time
}

// add takes a budget whose status rests.
func (x *resting) add(r row) {
	h := r.Status.Rests()
	x.rows++
	if who := sufferer(r); !slices.Contains(x.names, who) {
		x.names = append(x.names, who)
	}
	x.severe = slo.Ticket
	if slices.ContainsFunc(r.Status.Open, func(in slo.Incident) bool { return in.Severity == slo.Page }) {
		x.severe = slo.Page
	}
	x.stopped, x.until, x.now = slo.Latest(x.stopped, h.Stopped), slo.Latest(x.until, h.Until), slo.Latest(x.now, r.Status.At)
}

// sentences say since when nothing more fails than was promised, and until when it is watched all the same.
func (x *resting) sentences() []string {
	if x.rows == 0 {
		return nil
	}
	clock := func(t time.Time) string { return alerting.Clock(t, x.now, alerting.TextOptions{}) }
	if x.rows == 1 {
		return []string{fmt.Sprintf("%s has kept its promise again since %s; its %s stays open until about %s.", x.names[0], clock(x.stopped), x.severe, clock(x.until))}
	}
	return []string{fmt.Sprintf("%d have kept their promises again since %s: %s; what is open of them stays so until about %s.", x.rows, clock(x.stopped), listed(x.names, 3), clock(x.until))}
}
