package app

import (
	"fmt"
	"slices"
	"time"

	"burnline/internal/alertconf"
	"burnline/slo"
	"burnline/slo/report/desk"
)

// ReportsConfig says by which clock reports are cut, and who gets them.
type ReportsConfig struct {
	// Timezone is the IANA name of the time zone of days and periods.
	Timezone string            `yaml:"timezone"`
	Schedule []ScheduledReport `yaml:"schedule"`
}

// ScheduledReport is one report that is told by itself.
type ScheduledReport struct {
	// Every is week, month, quarter or year, and At when in the next one, such as "1 08:00".
	Every string `yaml:"every"`
	At    string `yaml:"at"`
	// Team is whose SLOs it tells of; "" is everybody's.
	Team string `yaml:"team"`
	// To is a receiver under alerting.receivers; its mails and webhooks are told.
	To string `yaml:"to"`
}

// plan is the configuration as the desk reads it. What is wrong with it was found before.
func (c ReportsConfig) plan() desk.Plan {
	p, _ := c.read()
	return p
}

// read returns the plan and all that is wrong.
func (c ReportsConfig) read() (desk.Plan, slo.Findings) {
	var findings slo.Findings
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "Local" {
		findings = append(findings, wrong("reports.timezone", fmt.Sprintf("there is no time zone %q", c.Timezone), "write an IANA name such as Europe/Berlin"))
		zone = time.UTC
	}
	p := desk.Plan{Zone: zone}
	for i, s := range c.Schedule {
		key := fmt.Sprintf("reports.schedule[%d]", i)
		e := desk.Entry{Unit: slo.CalendarUnit(s.Every), Team: s.Team, Receiver: s.To}
		if !slices.Contains([]slo.CalendarUnit{slo.Week, slo.Month, slo.Quarter, slo.Year}, e.Unit) {
			findings = append(findings, wrong(key+".every", fmt.Sprintf("%q is no period", s.Every), "write week, month, quarter or year"))
			e.Unit = slo.Month
		}
		if e.Day, e.Hour, e.Minute, err = desk.ParseAt(e.Unit, s.At); err != nil {
			findings = append(findings, wrong(key+".at", fmt.Sprintf("%q is no time in a %s", s.At, e.Unit), err.Error()))
		}
		if s.To == "" {
			findings = append(findings, wrong(key+".to", "nobody is told", "write the name of a receiver under alerting.receivers"))
		}
		p.Schedule = append(p.Schedule, e)
	}
	return p, findings
}

// unreported checks that those who are told can take a report.
func (s *settings) unreported() slo.Findings {
	var findings slo.Findings
	all := s.Config.Alerting.Receivers
	wrong := func(path, message, instead string) slo.Finding {
		return slo.Finding{Source: slo.Source{File: s.ConfigPath}, Path: path, Level: slo.LevelError, Message: message, Instead: instead}
	}
	for i, s := range s.Config.Reports.Schedule {
		key := fmt.Sprintf("reports.schedule[%d].to", i)
		at := slices.IndexFunc(all, func(r alertconf.Receiver) bool { return r.Name == s.To })
		switch {
		case s.To == "":
		case at < 0:
			findings = append(findings, wrong(key, fmt.Sprintf("there is no receiver %q", s.To), "write the name of one under alerting.receivers"))
		case len(all[at].Email)+len(all[at].Webhook) == 0:
			findings = append(findings, wrong(key, fmt.Sprintf("the receiver %q has neither mails nor webhooks", s.To), "add email_configs or webhook_configs to it"))
		}
	}
	return findings
}
