package alertconf

import (
	"fmt"
	"slices"
	"time"

	"burnline/alerting/drills"
	"burnline/slo"
)

// Drill says when the server drills by itself.
type Drill struct {
	// Schedule is a line of cron, by the clock of Timezone; Every is a distance instead. At
	// most one of them is given, and none is no drill.
	Schedule string        `yaml:"schedule"`
	Every    time.Duration `yaml:"every"`
	// Timezone is an IANA name; "" is UTC.
	Timezone string `yaml:"timezone"`
	// Receiver gets the page; "" leaves it to the routes.
	Receiver string `yaml:"receiver"`
}

// Plan is the configuration as those who drill read it; its Schedule is none where
// something is wrong with it.
func (d Drill) Plan() drills.Plan {
	schedule, findings := d.schedule()
	if len(findings) > 0 {
		return drills.Plan{}
	}
	return drills.Plan{Schedule: schedule, Receiver: d.Receiver}
}

// schedule reads when drills are due, or says what is wrong.
func (d Drill) schedule() (schedule drills.Schedule, findings []slo.Finding) {
	wrong := func(path, message, instead string) {
		findings = append(findings, slo.Finding{Path: key + ".drill." + path, Level: slo.LevelError, Message: message, Instead: instead})
	}
	at, err := time.LoadLocation(d.Timezone)
	if err != nil || d.Timezone == "Local" {
		wrong("timezone", fmt.Sprintf("unknown time zone %.100q", d.Timezone), "write an IANA name such as Europe/Berlin")
		at = time.UTC
	}
	switch {
	case d.Schedule != "" && d.Every != 0:
		wrong("every", "both schedule and every are given", "keep one")
	case d.Schedule != "":
		if schedule, err = drills.Cron(d.Schedule, at); err != nil {
			wrong("schedule", fmt.Sprintf("%.100q is no line of cron: %s", d.Schedule, err), `write one such as "0 10 * * 1", which is Mondays at 10:00`)
		}
	case d.Every != 0:
		if schedule, err = drills.Every(d.Every); err != nil {
			wrong("every", err.Error(), "write at least 1m, such as 168h")
		}
	}
	if d.Timezone != "" && d.Schedule == "" {
		wrong("timezone", "only a schedule has a time zone", "remove it, or write schedule")
	}
	return schedule, findings
}

// check returns what is wrong with the drill.
func (d Drill) check(f *File) []slo.Finding {
	_, findings := d.schedule()
	if d.Schedule == "" && d.Every == 0 {
		if d.Receiver != "" {
			findings = append(findings, slo.Finding{Path: key + ".drill", Level: slo.LevelError,
				Message: "it is not said when drills are due", Instead: `write schedule, such as "0 10 * * 1", or every, such as 168h`})
		}
		return findings
	}
	if d.Receiver != "" && !slices.ContainsFunc(f.Receivers, func(r Receiver) bool { return r.Name == d.Receiver }) {
		findings = append(findings, slo.Finding{Path: key + ".drill.receiver", Level: slo.LevelError,
			Message: fmt.Sprintf("there is no receiver %q", d.Receiver), Instead: "write the name of one under receivers"})
	}
	return findings
}
