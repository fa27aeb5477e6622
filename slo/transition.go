package slo

import "time"

// Cause says what an incident rests on.
type Cause string

const (
	// CauseBurn means: the error budget burns too fast. Also written as "".
	CauseBurn Cause = "burn"
	// CauseNoData means: no data arrives, or far less than usual.
	CauseNoData Cause = "no_data"
	// CauseAlert means: an alert that a rule or another system raised.
	CauseAlert Cause = "alert"
	// CauseHeartbeat is that of no incident, but of the record to which heartbeats belong.
	CauseHeartbeat Cause = "heartbeat"
	// CauseChange is that of no incident, but of the record to which news of changes belong.
	CauseChange Cause = "change"
	// CauseReport is that of no incident, but of the record to which one report belongs.
	CauseReport Cause = "report"
	// CauseBacklog means: more messages wait behind a receiver's limit than it takes in a
	// minute.
	CauseBacklog Cause = "backlog"
)

// Incident is what a person is told of: one stretch of an episode at one
// severity.
type Incident struct {
	// Key is the dedup_key: a hash of SLO, first group, start and severity. It
	// never depends on routing, so that editing routes orphans nothing.
	Key string `json:"key"`
	// SLO is the definition's ID. Of an incident of several SLOs, and of an
	// alert, it names the source: blind/<source>, alert/<name>.
	SLO      string   `json:"slo"`
	Severity Severity `json:"severity"`
	// Team is whose promise it was when the incident opened; it decides who is
	// told, also once the SLO is gone. May be empty.
	Team string `json:"team,omitempty"`
	// Cause is CauseBurn where empty.
	Cause Cause `json:"cause,omitempty"`
	// Origin names what raised the alert of an incident that rests on one: rules.
	Origin string `json:"origin,omitempty"`
	// Receiver is who is told of a group of outside alerts; "" for an SLO's incident,
	// whose routes decide.
	Receiver string `json:"receiver,omitempty"`
	// SLOs are the IDs of all SLOs that one incident without data concerns.
	SLOs []string `json:"slos,omitempty"`
	// Group is the group that breached first; Groups are all that joined, the
	// first among them.
	Group  Labels   `json:"group"`
	Groups []Labels `json:"groups"`
	// Started is the data time of the first bad events of the breach.
	Started time.Time `json:"started"`
	// Opened and Closed are the evaluation times of opening and closing;
	// Closed is zero while the incident is open.
	Opened time.Time `json:"opened"`
	Closed time.Time `json:"closed"`
	// Episode is the key of the episode, and EpisodeStarted its data time.
	Episode        string    `json:"episode"`
	EpisodeStarted time.Time `json:"episode_started"`
	// Number counts the incidents of this severity in the episode, from 1.
	Number int `json:"number"`
	// Replaces is the key of the ticket that this page rises from; or "".
	Replaces string `json:"replaces"`
	// Raised says why the ticket rose although no policy pages: what it does to customers.
	// "" where a policy decided. Such a page lasts as long as the ticket would have.
	Raised string `json:"raised,omitempty"`
}

// TransitionKind says what happens to an incident.
type TransitionKind string

// The kinds of transition.
const (
	// IncidentOpened: a person is to be told. Where Incident.Replaces is set,
	// that ticket closes in the same transaction.
	IncidentOpened TransitionKind = "opened"
	// IncidentJoined: a further group breached and is listed in the incident.
	IncidentJoined TransitionKind = "joined"
	// IncidentUpdated: alerts of its group began or ended, or what kept it quiet is over.
	IncidentUpdated TransitionKind = "updated"
	// IncidentClosed: good events proved recovery.
	IncidentClosed TransitionKind = "closed"
	// IncidentRecorded: data that came late shows a breach that is over. It is kept,
	// closed as it is, and nobody is told.
	IncidentRecorded TransitionKind = "recorded"
)

// Ending says what is known when an incident closes.
type Ending string

const (
	// EndingRecovered means: good events (or, without data before, data again) were seen
	// in every group and SLO of the incident. Also written as "".
	EndingRecovered Ending = "recovered"
	// EndingIdle means: at least one group has had no events for so long that it is idle;
	// nothing proves that it recovered.
	EndingIdle Ending = "idle"
	// EndingRemoved means: the SLO left the configuration.
	EndingRemoved Ending = "removed"
)

// Proven reports whether the recovery was seen.
func (e Ending) Proven() bool { return e == EndingRecovered || e == "" }

// Transition is what the engine proposes: a change of one incident with the
// evidence for it. The engine's own state advances only after it was
// committed, together with the deliveries that it causes.
type Transition struct {
	Kind TransitionKind `json:"kind"`
	// Incident is the incident as it is after the transition.
	Incident Incident `json:"incident"`
	// Definition is the SLO as it was judged.
	Definition *Definition `json:"-"`
	// At is the evaluation time.
	At time.Time `json:"at"`
	// Reason names the rule that decided, such as "burn 36.2 over 1h and 5m".
	Reason string `json:"reason"`
	// Ending says what is known of the end; for IncidentClosed only.
	Ending Ending `json:"ending,omitempty"`
	// Since are the events from Incident.Started to At over all its groups.
	Since Counts `json:"since"`
	// Status is the first group's status at At.
	Status Status `json:"status"`
	// Policy is the policy that fired; nil when the incident closes, and where
	// the cause is another than burn.
	Policy *PolicyStatus `json:"policy"`
	// Dark is the evidence of an incident without data; nil otherwise.
	Dark *Darkness `json:"dark,omitempty"`
	// Alerts are the outside alerts of the incident; nil otherwise.
	Alerts *Alerts `json:"alerts,omitempty"`
	// Evidence is what is known of customers, places and changes; nil where nothing is.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Alerts is what there is to tell of a group of outside alerts.
type Alerts struct {
	// Firing and Resolved count those that fire, and those that ended since the
	// incident opened.
	Firing   int `json:"firing"`
	Resolved int `json:"resolved"`
	// Listed are some of them, those that fire first.
	Listed []Alert `json:"listed"`
}

// Alert is an alert of a Prometheus rule or of another system.
type Alert struct {
	// Origin names what raised it, such as rules: nothing else may end it for
	// want of news.
	Origin string `json:"origin"`
	// Labels identify the alert; alertname is among them.
	Labels Labels `json:"labels"`
	// Annotations are for people: summary, description, runbook_url.
	Annotations map[string]string `json:"annotations"`
	// StartsAt is when it began to fire; EndsAt is zero while it does.
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	// GeneratorURL leads to what raised it; may be empty.
	GeneratorURL string `json:"generator_url"`
}
