package alerting

import (
	"context"
	"time"

	"burnline/slo"
)

// Action is what a message asks of a receiver.
type Action string

// The actions of incident integrations.
const (
	ActionTrigger Action = "trigger"
	ActionUpdate  Action = "update"
	ActionResolve Action = "resolve"
	// ActionAcknowledge says that somebody has the incident; only integrations with
	// Integration.KeepsIncidents are sent it.
	ActionAcknowledge Action = "acknowledge"
)

// RowState is where a row of the outbox stands.
type RowState string

// Pending rows are retried for good; the other states are final.
const (
	RowPending    RowState = "pending"
	RowDelivered  RowState = "delivered"
	RowRefused    RowState = "refused"
	RowSuperseded RowState = "superseded"
)

// Link is a named address in a message.
type Link struct {
	Text string `json:"text"`
	Href string `json:"href"`
}

// Detail is one named fact of a message. Order is importance.
type Detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Message is what a receiver tells a person, free of any receiver's format.
type Message struct {
	// Summary is the page in one or two sentences: who suffers, how much, since
	// when, what is left.
	Summary string `json:"summary"`
	// Severity is page or ticket.
	Severity slo.Severity `json:"severity"`
	// Source, Component and Class are the service, the SLO's name and the kind of SLI.
	Source    string `json:"source"`
	Component string `json:"component"`
	Class     string `json:"class"`
	// Time is the data time of the incident's start.
	Time    time.Time `json:"time"`
	Links   []Link    `json:"links"`
	Details []Detail  `json:"details"`
	// Labels are what routes see of the incident, and Annotations its owners' notes;
	// users' templates and webhooks are given both.
	Labels      slo.Labels        `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	// Explains are the SLOs whose pages this one tells too, because they depend on
	// its SLO.
	Explains []string `json:"explains,omitempty"`
	// Evidence is what is known of customers, places and changes; nil where nothing is.
	Evidence *slo.Evidence `json:"evidence,omitempty"`
	// News is why an update is told though nothing happened to the incident itself.
	News string `json:"news,omitempty"`
	// AsOf is when its facts were true: that of the newest news.
	AsOf time.Time `json:"as_of,omitzero"`
	// Acknowledged is who has the incident when the message is written; nil is nobody.
	Acknowledged *Acknowledgement `json:"acknowledged,omitempty"`
	// Repeat is true where the message has no news and is told again because nobody has
	// acknowledged the incident.
	Repeat bool `json:"repeat,omitempty"`
	// Report is what ActionReport carries; nil for every other message.
	Report *Report `json:"report,omitempty"`
	// Answers is the time of the resolve by hand that the message contradicts; zero is none.
	Answers time.Time `json:"answers,omitzero"`
}

// Row is one delivery: a message for one integration of one receiver. Rows are
// unique per (Key, Receiver, Integration, Seq), and a row may be sent only when the row
// before it of the same key, receiver and integration has ended.
type Row struct {
	ID          int64    `json:"id"`
	Key         string   `json:"key"`
	Receiver    string   `json:"receiver"`
	Integration string   `json:"integration"`
	Seq         int      `json:"seq"`
	Action      Action   `json:"action"`
	Message     Message  `json:"message"`
	State       RowState `json:"state"`
	// Attempts counts the sends begun. It is committed before a send, so that a
	// row that may have reached its receiver is known as such after a crash.
	Attempts int `json:"attempts"`
	// CreatedAt, NextAt and SettledAt are when the row was written, may next be
	// tried, and ended.
	CreatedAt time.Time `json:"created_at"`
	NextAt    time.Time `json:"next_at"`
	SettledAt time.Time `json:"settled_at"`
	// HeldUntil is until when the limit of its destination held the row back last; zero
	// where it never did.
	HeldUntil time.Time `json:"held_until"`
	// Down is true where the row waits because its destination fails.
	Down bool `json:"-"`
	// Answer is the receiver's last answer, or the last error, in one line.
	Answer string `json:"answer"`
	// Receipt is what the receiver called the newest message of the row's chain that
	// got a receipt (see Result.Receipt); "" for none. It is given with a claim.
	Receipt string `json:"-"`
	// Follows is true where the message before it in its chain, if any, leaves the incident
	// open at the receiver. It is given with a claim.
	Follows bool `json:"-"`
	// News is how much of what happened in its group of alerts a claimed row tells, and a
	// delivered one told; 0 where it was given no alerts.
	News int64 `json:"-"`
	// Alerts are the outside alerts of the incident as they stand when the row is
	// claimed, for payloads and users' templates; none for an SLO's incident.
	Alerts []AlertStatus `json:"-"`
}

// AlertStatus is one outside alert of an incident.
type AlertStatus struct {
	// Status is AlertFiring or AlertResolved.
	Status string
	// Labels are the alert's own, alertname among them.
	Labels      slo.Labels
	Annotations map[string]string
	// StartsAt and EndsAt bound it; EndsAt is zero while it fires.
	StartsAt, EndsAt time.Time
	// GeneratorURL is where its source shows it; it may be empty.
	GeneratorURL string
	// Fingerprint is Prometheus' own of the labels, in hexadecimal.
	Fingerprint string
}

// The statuses of an alert, in Alertmanager's words.
const (
	AlertFiring   = "firing"
	AlertResolved = "resolved"
)

// Change is what one transition does to the store, all in one transaction.
type Change struct {
	Transition slo.Transition
	// Plan says which rows the transition writes. The store asks it inside the
	// transaction, after locking the rows that exist, so that a decision such as
	// "never attempted" still holds when it is written. Plan must be pure: a
	// store that retries its transaction asks again. Nil plans nothing.
	Plan func(Existing) Plan
}

// Existing is what the outbox already holds for a transition, oldest row first.
type Existing struct {
	// Key is the key under which the incident is kept: a second opening of what is
	// open joins the first. "" stands for the transition's own.
	Key string
	// Newest is what there was to tell before; empty before the first opening.
	Newest Message
	// Rows are the rows of the transition's incident.
	Rows []Row
	// Decisions are all that were made of it, the last of a receiver in force.
	Decisions []Decision
	// Acks are what people did about it, in the order in which that was told.
	Acks []Acknowledgement
	// Loud are the labels of an outside alert of it that fires and that nothing keeps
	// quiet; none where there is no such alert. They are given to revisions alone.
	Loud slo.Labels
	// Reopened says that the incident had closed and opens again.
	Reopened bool
	// Replaced are the rows of the open ticket that the incident rises from.
	Replaced []Row
}

// Plan is what is to be written beside the transition.
type Plan struct {
	// Title names the journey or service, and Newest is what there is to tell of
	// the incident now; both are kept with it even when nobody is told.
	Title  string
	Newest Message
	// Rows are written as pending, due at NextAt, or at once where that is zero; Seq is
	// given by the store.
	Rows []Row
	// Supersede are the IDs of pending, never attempted rows that end unsent.
	Supersede []int64
	// Reason names the rule that decided; it is the answer of superseded rows.
	Reason Reason
	// Decisions are the fates at the receivers that are not those before, kept for the
	// story of the incident.
	Decisions []Decision
	// Acks are what people did about it, to be kept.
	Acks []Acknowledgement
}

// Outcome is how one attempt ended.
type Outcome struct {
	State  RowState
	NextAt time.Time
	Answer string
	// Receipt is kept with the row and given with later ones of its chain; "" changes nothing.
	Receipt string
	// Destination asked to be left alone for Hold; 0 is not at all.
	Destination string
	Hold        time.Duration
	// Recovered are the integrations of a destination that answers again: what waits
	// there for its next attempt is due now.
	Recovered []Target
}

// Store keeps incidents and what became of them. storage/state implements it, and
// Queue and Ledger beside it.
type Store interface {
	// Commit writes transition, incident and rows in one transaction. Committing
	// the same transition again changes nothing and returns nil. At most one
	// incident is open per (SLO, cause, first group, severity): a second opening joins
	// the first, and later transitions of its key apply to the first.
	Commit(ctx context.Context, change Change, now time.Time) error
	// Revise shows open incidents to a plan and writes what it returns, all in one
	// transaction. It returns how many rows were written or brought back.
	Revise(ctx context.Context, revision Revision, now time.Time) (int, error)
	// OpenIncidents returns every incident that has not closed, so that the
	// engine can go on with them after a restart.
	OpenIncidents(ctx context.Context) ([]slo.Incident, error)
	// OpenMark returns the mark of the incidents that are open, by which a node sees
	// that another one opened or closed some.
	OpenMark(ctx context.Context) (OpenMark, error)
	// Failing returns the open incidents of which receivers could not be told.
	Failing(ctx context.Context, look FailingLook) (Failing, error)
}

// Revision is a second look at open incidents.
type Revision struct {
	// Keys are those that are looked at; nil is all that are open.
	Keys []string
	// Requeue follows a change of the configuration: it makes refused rows of open
	// incidents pending again, unless their receiver has taken a later row of the same
	// incident, and every row that waits for its next attempt due now.
	Requeue bool
	// Once is the ID of what is told, such as that of a webhook: where a revision of the
	// same ID was written before, nothing is. "" has no ID.
	Once string
	// Plan says what is written of each, in the same order; an empty plan changes
	// nothing. Like Change.Plan it must be pure. Nil plans nothing.
	Plan func([]Standing) []Plan
}

// Standing is an open incident as the store keeps it.
type Standing struct {
	Incident slo.Incident
	Existing
}

// OpenMark tells a set of open incidents, and what people did about them, from most others.
type OpenMark struct{ Count, Sum int64 }

// MarkPrime bounds what one incident adds to a mark's sum: the nanoseconds of its
// opening modulo this.
const MarkPrime = 999_999_937

// MarkAck is what each acknowledgement adds to a mark's sum.
const MarkAck = 7_919

// Add counts an incident that opened at a moment, and about which people did something n
// times.
func (m *OpenMark) Add(opened time.Time, n int) {
	m.Count++
	m.Sum += opened.UnixNano()%MarkPrime + int64(n)*MarkAck
}

// Record is one incident with the story of its deliveries, newest facts included.
type Record struct {
	Incident slo.Incident `json:"incident"`
	// Title names the SLO's journey or service as the page does.
	Title string `json:"title"`
	// Summary is the newest message's summary.
	Summary string `json:"summary"`
	// Newest is what there is to tell of the incident now, also when nobody was told.
	Newest Message `json:"newest"`
	Rows   []Row   `json:"rows"`
	// Transitions are the recorded steps, oldest first.
	Transitions []Step `json:"transitions"`
	// Decisions are what the stages decided of it at each receiver, oldest first; a
	// receiver's last one is in force.
	Decisions []Decision `json:"decisions"`
	// Acks are what people did about it, in the order in which that was told.
	Acks []Acknowledgement `json:"acknowledgements"`
}

// Step is one recorded transition of an incident.
type Step struct {
	Kind   slo.TransitionKind `json:"kind"`
	At     time.Time          `json:"at"`
	Reason string             `json:"reason"`
}

// Filter narrows a list of incidents; zero fields do not.
type Filter struct {
	SLO string
	// Find is the beginning of a key, the ID or the name of an SLO, or the name of an
	// alert.
	Find     string
	OnlyOpen bool
	// Severity is page or ticket; "" is both.
	Severity slo.Severity
	From, To time.Time
	// Limit is the most records to return, newest first; 0 means 100.
	Limit int
}

// Ledger reads what became of incidents. storage/state implements it.
type Ledger interface {
	// Incidents returns matching records, newest first.
	Incidents(ctx context.Context, f Filter) ([]Record, error)
	// Incident returns one record; false when the key is unknown.
	Incident(ctx context.Context, key string) (Record, bool, error)
	// OpenCount counts the incidents that have not closed, whatever raised them.
	OpenCount(ctx context.Context) (int, error)
	// OutboxDepth returns how many rows are pending and how old the oldest is.
	OutboxDepth(ctx context.Context, now time.Time) (int, time.Duration, error)
}
