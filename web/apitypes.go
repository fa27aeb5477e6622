package web

import (
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// The API's own shapes: groups are objects, windows are written as files write
// them, lengths of time are seconds, times that are not known are null.

type sloJSON struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Service     string  `json:"service"`
	Team        string  `json:"team"`
	Journey     string  `json:"journey"`
	Description string  `json:"description"`
	Objective   float64 `json:"objective"`
	Window      string  `json:"window"`
	// Kind is what is counted and how it spends the budget: events, timeslices, composite …
	Kind string `json:"kind"`
	// Parts are those of a composite.
	Parts   []partJSON `json:"parts"`
	GroupBy []string   `json:"group_by"`
	// Counts are the series that are counted, and Spans the spans.
	Counts      []countJSON       `json:"counts"`
	Spans       *spansJSON        `json:"spans,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Source      slo.Source        `json:"source"`
	Statuses    []statusJSON      `json:"statuses"`
	// Corrections are those that concern the window of now; only of one SLO that is asked for.
	Corrections []appliedJSON `json:"corrections,omitempty"`
	// Findings are what is said of its definition; only of one SLO that is asked for.
	Findings slo.Findings `json:"findings,omitempty"`
}

type partJSON struct {
	SLO    string  `json:"slo"`
	Weight float64 `json:"weight"`
}

type statusJSON struct {
	Group      map[string]string `json:"group"`
	State      slo.State         `json:"state"`
	Reason     string            `json:"reason"`
	At         *time.Time        `json:"at"`
	Since      *time.Time        `json:"since"`
	LastSample *time.Time        `json:"last_sample"`
	Filling    bool              `json:"filling"`
	// Filled is the part of the history, 0–1, that was read.
	Filled   float64      `json:"filled"`
	Budget   budgetJSON   `json:"budget"`
	Burns    []burnJSON   `json:"burns"`
	Policies []policyJSON `json:"policies"`
	Dark     *darkJSON    `json:"dark"`
	Open     []string     `json:"open_incidents"`
	// Held are the corrections that keep alerts back now.
	Held []slo.Held `json:"held"`
}

type darkJSON struct {
	Since     time.Time         `json:"since"`
	Severity  slo.Severity      `json:"severity"`
	Reason    string            `json:"reason"`
	Usual     float64           `json:"usual"`
	Now       float64           `json:"now"`
	Source    map[string]string `json:"source"`
	Silent    bool              `json:"silent"`
	Collapsed bool              `json:"collapsed"`
}

type budgetJSON struct {
	Known     bool    `json:"known"`
	Good      float64 `json:"good"`
	Total     float64 `json:"total"`
	Consumed  float64 `json:"consumed"`
	Remaining float64 `json:"remaining"`
	// Start and End bound the window; null before it was judged.
	Start     *time.Time `json:"window_start"`
	End       *time.Time `json:"window_end"`
	Elapsed   float64    `json:"elapsed_seconds"`
	Projected bool       `json:"projected"`
	Spent     bool       `json:"spent"`
	GoneIn    *float64   `json:"gone_in_seconds"`
}

type burnJSON struct {
	Window string  `json:"window"`
	Good   float64 `json:"good"`
	Total  float64 `json:"total"`
	// Ratio and Rate are null when the window holds no events.
	Ratio *float64 `json:"error_ratio"`
	Rate  *float64 `json:"burn_rate"`
}

type policyJSON struct {
	Severity slo.Severity `json:"severity"`
	InEffect slo.Severity `json:"severity_in_effect"`
	Factor   float64      `json:"factor"`
	Long     burnJSON     `json:"long"`
	Short    burnJSON     `json:"short"`
	Firing   bool         `json:"firing"`
	Reason   string       `json:"reason"`
}

type incidentJSON struct {
	Key      string       `json:"key"`
	SLO      string       `json:"slo"`
	SLOs     []string     `json:"slos"`
	Cause    slo.Cause    `json:"cause"`
	Severity slo.Severity `json:"severity"`
	Title    string       `json:"title"`
	Summary  string       `json:"summary"`
	Team     string       `json:"team"`
	// Details and Links are those of the newest message; an outside alert's labels and annotations are among them.
	Details     []alerting.Detail   `json:"details"`
	Links       []alerting.Link     `json:"links"`
	Groups      []map[string]string `json:"groups"`
	Started     *time.Time          `json:"started"`
	Opened      *time.Time          `json:"opened"`
	Closed      *time.Time          `json:"closed"`
	Number      int                 `json:"number"`
	Replaces    string              `json:"replaces"`
	Transitions []alerting.Step     `json:"transitions"`
	Decisions   []alerting.Decision `json:"decisions"`
	Deliveries  []deliveryJSON      `json:"deliveries"`
	// Acknowledgements are what people did about it, in the order in which that was told.
	Acknowledgements []alerting.Acknowledgement `json:"acknowledgements"`
	// Holding is what holds an open incident of burn open now; null where it has closed, and where the engine says
	// nothing of it. The summary is what was told, and may be long over.
	Holding *holdingJSON `json:"holding"`
	// Evidence is whom it hurts, where and since which change: as of now while it is open, else
	// as it was told last; null where nothing is known.
	Evidence *evidenceJSON `json:"evidence"`
	// Alerts are a page of the outside alerts of an incident that is asked for alone.
	Alerts []alertJSON `json:"alerts,omitempty"`
}

type holdingJSON struct {
	// Reason is the rule that fires, or what is waited for.
	Reason string `json:"reason"`
	// Stopped is since when no more fails than was promised, by evidence of good events; null while it fails, and where
	// nobody knows.
	Stopped *time.Time `json:"stopped"`
	// Until is about when it closes if the failing does not return, and Rule the windows of the policy that holds
	// it until then, such as 6h/30m; "" where only the proof of recovery is waited for.
	Until *time.Time `json:"until"`
	Rule  string     `json:"rule"`
	// Failed and Events are bad and all events from the incident's start to Stopped.
	Failed float64 `json:"failed"`
	Events float64 `json:"events"`
	// Text says it in plain words; "" while it fails, and where nobody knows.
	Text string `json:"text"`
}

type deliveryJSON struct {
	Receiver    string            `json:"receiver"`
	Integration string            `json:"integration"`
	Seq         int               `json:"seq"`
	Action      alerting.Action   `json:"action"`
	State       alerting.RowState `json:"state"`
	Attempts    int               `json:"attempts"`
	Created     *time.Time        `json:"created"`
	Next        *time.Time        `json:"next"`
	Settled     *time.Time        `json:"settled"`
	// HeldUntil is until when the receiver's limit held it back.
	HeldUntil *time.Time       `json:"held_until"`
	Answer    string           `json:"answer"`
	Message   alerting.Message `json:"message"`
}

// stamp writes a time as UTC, or null when it is not known.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// orEmpty is a map that is written as {} where there is none.
func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func toSLO(d *slo.Definition, statuses []slo.Status) sloJSON {
	out := sloJSON{ID: d.ID, Name: d.Name, Service: d.Service, Team: d.Team, Journey: d.Journey,
		Description: d.Description, Objective: d.Objective, Window: windowOf(d.Window),
		GroupBy: append([]string{}, d.GroupBy...), Labels: orEmpty(d.Labels), Annotations: orEmpty(d.Annotations),
		Kind: kindOf(d).Name, Counts: toCounts(d), Spans: toSpans(d), Parts: []partJSON{}, Source: d.Source, Statuses: []statusJSON{}}
	if c := d.SLI.Composite; c != nil {
		for _, p := range c.Parts {
			out.Parts = append(out.Parts, partJSON{p.SLO, p.Weight})
		}
	}
	for _, st := range statuses {
		out.Statuses = append(out.Statuses, toStatus(st))
	}
	return out
}

func toStatus(st slo.Status) statusJSON {
	b := st.Budget
	out := statusJSON{Group: st.Group.Map(), State: st.State, Reason: st.Reason, At: stamp(st.At),
		Since: stamp(st.Since), LastSample: stamp(st.LastSample), Filling: st.Filling, Filled: filled(st),
		Budget: budgetJSON{Known: b.Known, Good: b.Counts.Good, Total: b.Counts.Total, Consumed: b.Consumed,
			Remaining: b.Remaining, Start: stamp(b.Start), End: stamp(b.End), Elapsed: b.Elapsed.Seconds(), Projected: b.Projected, Spent: b.Spent},
		Burns: []burnJSON{}, Policies: []policyJSON{}, Open: []string{}, Held: append([]slo.Held{}, st.Held...)}
	if b.Exhausts {
		gone := b.GoneIn.Seconds()
		out.Budget.GoneIn = &gone
	}
	for _, x := range st.Burns {
		out.Burns = append(out.Burns, toBurn(x))
	}
	for _, p := range st.Policies {
		out.Policies = append(out.Policies, policyJSON{p.Policy.Severity, p.Severity, p.Policy.Factor, toBurn(p.Long), toBurn(p.Short), p.Firing, p.Reason})
	}
	for _, in := range st.Open {
		out.Open = append(out.Open, in.Key)
	}
	if d := st.Dark; d != nil {
		out.Dark = &darkJSON{d.Since, d.Severity, d.Reason, d.Usual, d.Now, d.Source.Map(), d.Silent, d.Collapsed}
	}
	return out
}

func toBurn(b slo.Burn) burnJSON {
	out := burnJSON{Window: burnWindow(b), Good: b.Counts.Good, Total: b.Counts.Total}
	if b.Known {
		out.Ratio, out.Rate = &b.Ratio, &b.Rate
	}
	return out
}

// causeOf is what the incident rests on, in full.
func causeOf(in slo.Incident) slo.Cause {
	if in.Cause == "" {
		return slo.CauseBurn
	}
	return in.Cause
}

func (s *server) toIncident(r alerting.Record) incidentJSON {
	in := r.Incident
	out := incidentJSON{Key: in.Key, SLO: in.SLO, SLOs: append([]string{}, in.SLOs...), Cause: causeOf(in), Severity: in.Severity, Title: r.Title, Summary: r.Summary,
		Team: in.Team, Details: append([]alerting.Detail{}, r.Newest.Details...), Links: append([]alerting.Link{}, r.Newest.Links...),
		Groups: []map[string]string{}, Started: stamp(in.Started), Opened: stamp(in.Opened), Closed: stamp(in.Closed),
		Number: in.Number, Replaces: in.Replaces, Transitions: append([]alerting.Step{}, r.Transitions...),
		Decisions: append([]alerting.Decision{}, r.Decisions...), Deliveries: []deliveryJSON{},
		Acknowledgements: append([]alerting.Acknowledgement{}, r.Acks...)}
	for _, g := range in.Groups {
		out.Groups = append(out.Groups, g.Map())
	}
	for _, row := range r.Rows {
		row.Message.Evidence = nil // its text and details say it
		d := deliveryJSON{Receiver: row.Receiver, Integration: row.Integration, Seq: row.Seq, Action: row.Action,
			State: row.State, Attempts: row.Attempts, Created: stamp(row.CreatedAt), Settled: stamp(row.SettledAt), HeldUntil: stamp(row.HeldUntil),
			Answer: row.Answer, Message: row.Message}
		if row.State == alerting.RowPending {
			d.Next = stamp(row.NextAt)
		}
		out.Deliveries = append(out.Deliveries, d)
	}
	out.Evidence = toEvidence(s.newestEvidence(r))
	out.Holding = s.toHolding(in)
	return out
}

// toHolding says what holds an incident open.
func (s *server) toHolding(in slo.Incident) *holdingJSON {
	if !in.Closed.IsZero() {
		return nil
	}
	h := slo.HoldingOf(s.Engine.Status(in.SLO), in.Key)
	if h == nil {
		return nil
	}
	out := holdingJSON{Reason: h.Reason, Stopped: stamp(h.Stopped), Until: stamp(h.Until), Failed: h.Failed.Bad(), Events: h.Failed.Total,
		Text: restsText(in, s.fleet().of(in.SLO), h, s.Now())}
	if h.Rule != nil {
		out.Rule = alerting.RuleName(h.Rule.Policy)
	}
	return &out
}
