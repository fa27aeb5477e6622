package drills

import (
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

// Origin is that of the alerts of drills.
const Origin = "burnline"

// AlertName is the alertname of a scheduled drill that failed or did not take place.
const AlertName = "BurnlineDrillFailed"

// trouble returns the scheduled drill that failed and after which none has passed, by hand or
// by schedule; false where all is well. What somebody watched fail by hand needs no alert.
// The drills are the newest first.
func trouble(all []Drill) (Drill, bool) {
	for i := range all {
		d := &all[i]
		switch {
		case d.Passed():
			return Drill{}, false
		case d.Failed() && d.Schedule != "":
			return *d, true
		}
	}
	return Drill{}, false
}

// alert is what is told of a drill that failed: a ticket, since no customer is known to suffer.
func alert(d *Drill, expires time.Time) slo.Alert {
	return slo.Alert{
		Origin:      Origin,
		Labels:      slo.NewLabels("alertname", d.Kind.words().alert, "service", "burnline", "severity", string(slo.Ticket), "due", d.Due.UTC().Format(time.RFC3339)),
		Annotations: map[string]string{"summary": d.summary(), "description": d.story()},
		StartsAt:    d.Ended, EndsAt: expires,
	}
}

// who is told of the drill.
func (d *Drill) who() string {
	if d.Receiver == "" {
		return "whoever routes lead to"
	}
	return d.Receiver
}

// summary says in one line what it means.
func (d *Drill) summary() string {
	when := d.Due.UTC().Format("15:04 UTC on 2 January")
	of := d.Kind.words()
	if d.Kind != Paging {
		happened := "failed"
		if d.Missed {
			happened = "did not take place in time"
		}
		return fmt.Sprintf("The %s of %s %s: %s. Until one succeeds %s; no service is known to fail. After mending it run %s.", of.one, when, happened, d.Error, of.means, of.again)
	}
	again := of.again
	if d.Receiver != "" {
		again += " --receiver " + d.Receiver
	}
	if d.Missed {
		return fmt.Sprintf("The drill that was due at %s did not take place: %s. Nobody knows whether a page would reach %s; run %s.", when, d.Error, d.who(), again)
	}
	return fmt.Sprintf("The drill of %s failed: %s. A page may not reach %s; no service is known to fail. After mending it run %s.", when, d.Error, d.who(), again)
}

// story lists the steps that were done.
func (d *Drill) story() string {
	if len(d.Steps) == 0 {
		return "No step was done."
	}
	var done []string
	for _, s := range d.Steps {
		done = append(done, fmt.Sprintf("%s after %s", s.Name, s.After.Round(time.Millisecond)))
	}
	return "Done before that: " + strings.Join(done, ", ") + "."
}
