package slo

import "time"

// Version is one wording of a definition. Versions are kept for good, so that a
// promise that was lowered stays visible.
type Version struct {
	SLO string `json:"slo"`
	// Number counts the versions of an SLO, from 1.
	Number int `json:"number"`
	// Since is when it came into force.
	Since time.Time `json:"since"`
	// Hash identifies the wording.
	Hash string `json:"hash"`
	// Succeeds is the ID of the SLO whose place it took: with several objectives the
	// objective is part of the ID, so another objective is another SLO. "" for none.
	Succeeds string `json:"succeeds,omitempty"`
	// Objective and Window are what most readers look for.
	Objective float64 `json:"objective"`
	Window    string  `json:"window"`
	// Text is the definition in the native form.
	Text string `json:"text"`
	// Changes say in plain words what differs from the version before; Lowered is true
	// when the promise became weaker.
	Changes []string `json:"changes"`
	Lowered bool     `json:"lowered"`
	// Ended is true where the SLO left the configuration at Since; the rest is as it was
	// worded last.
	Ended bool `json:"ended,omitempty"`
}

// Quarters is the number of quarters of an hour of a day.
const Quarters = 96

// DayTotals are all events of one group on one day of UTC, in quarters of an
// hour, so that the day or month of any time zone can be cut from them. They
// are kept for good.
type DayTotals struct {
	SLO   string `json:"slo"`
	Group Labels `json:"group"`
	// Day is midnight UTC.
	Day time.Time `json:"day"`
	// Good and Total are the events of (Day + i·15min, Day + (i+1)·15min], without
	// corrected ones.
	Good  [Quarters]float64 `json:"good"`
	Total [Quarters]float64 `json:"total"`
	// OutGood and OutTotal are those that corrections take out.
	OutGood  [Quarters]float64 `json:"out_good"`
	OutTotal [Quarters]float64 `json:"out_total"`
}

// Complete takes over a quarter of another count of the same day, where that one saw more events, counted
// and taken out together. It is taken whole: what a correction moved from one to the other is in one of
// them only.
func (d *DayTotals) Complete(q int, o *DayTotals) {
	if o.Total[q]+o.OutTotal[q] > d.Total[q]+d.OutTotal[q] {
		d.Good[q], d.Total[q], d.OutGood[q], d.OutTotal[q] = o.Good[q], o.Total[q], o.OutGood[q], o.OutTotal[q]
	}
}

// Team is who owns SLOs and how they are reached.
type Team struct {
	Name string `json:"name"`
	// Owners are people or addresses, for readers.
	Owners []string `json:"owners"`
	// PagerDutyKeyFile is the file that holds the team's routing key; may be empty.
	PagerDutyKeyFile string `json:"-"`
	// PagerDutyKey is the key itself where it came from the environment.
	PagerDutyKey string `json:"-"`
	// SlackChannel is the team's channel, such as #payments.
	SlackChannel string `json:"slack_channel"`
	// Live says that the team is told for real while others are in shadow mode.
	Live bool `json:"live"`
	// Zone is the IANA name of the time zone by whose clock the team sleeps; "" is that of the configuration.
	Zone string `json:"timezone,omitempty"`
	// Parent is the name of the team above; "" for the topmost.
	Parent string `json:"parent"`
	Source Source `json:"source"`
}
