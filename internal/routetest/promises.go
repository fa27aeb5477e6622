package routetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// promises are the SLOs of a test with their open incidents. What an engine would have
// counted is given by the test's events.
type promises struct {
	definitions []slo.Definition
	now         func() time.Time
	open        map[string]map[slo.Severity]*slo.Incident
	status      map[string]slo.Status
}

func newPromises(definitions []slo.Definition, now func() time.Time) *promises {
	return &promises{definitions: definitions, now: now, open: map[string]map[slo.Severity]*slo.Incident{}, status: map[string]slo.Status{}}
}

// find returns an SLO by its ID.
func (p *promises) find(id string) (*slo.Definition, error) {
	i := slices.IndexFunc(p.definitions, func(d slo.Definition) bool { return d.ID == id })
	if i < 0 {
		var ids []string
		for _, d := range p.definitions {
			ids = append(ids, d.ID)
		}
		return nil, fmt.Errorf("there is no SLO %q; write one of %q, or name its file under slos", id, ids)
	}
	return &p.definitions[i], nil
}

// known returns the SLOs.
func (p *promises) known() []*slo.Definition {
	all := make([]*slo.Definition, len(p.definitions))
	for i := range p.definitions {
		all[i] = &p.definitions[i]
	}
	return all
}

// statuses returns what is known of an SLO now: where no event said anything, that it is
// well.
func (p *promises) statuses(id string) []slo.Status {
	s, known := p.status[id]
	if !known {
		s = slo.Status{ID: id, State: slo.StateOK}
	}
	s.At, s.LastSample = p.now(), p.now()
	return []slo.Status{s}
}

// all returns the statuses of all SLOs.
func (p *promises) all() []slo.Status {
	var all []slo.Status
	for _, d := range p.definitions {
		all = append(all, p.statuses(d.ID)...)
	}
	return all
}

// transition is what an engine would propose where the event happens. done is called once
// it was committed.
func (p *promises) transition(e *Event) (t slo.Transition, done func(), err error) {
	d, err := p.find(e.SLO)
	if err != nil {
		return t, nil, err
	}
	open := p.open[d.ID]
	if open == nil {
		open = map[slo.Severity]*slo.Incident{}
		p.open[d.ID] = open
	}
	now := p.now()
	t = slo.Transition{Definition: d, At: now, Since: slo.Counts{Good: e.Total - e.Bad, Total: e.Total}}
	switch {
	case e.Opens != "":
		return p.opening(t, e, open)
	case e.Joins != nil:
		in := cmp.Or(open[slo.Page], open[slo.Ticket])
		if in == nil {
			return t, nil, fmt.Errorf("no incident of %s is open that a group could join; write an event that opens one before", d.ID)
		}
		joined := *in
		joined.Groups = append(slices.Clone(in.Groups), labels(e.Joins))
		t.Kind, t.Incident, t.Status, t.Reason = slo.IncidentJoined, joined, p.status[d.ID], "a further group breached"
		return t, func() { *in = joined }, nil
	}
	in := open[e.Closes]
	if in == nil {
		return t, nil, fmt.Errorf("no %s of %s is open that could close; write an event that opens it before", e.Closes, d.ID)
	}
	t.Kind, t.Incident, t.Reason, t.Ending = slo.IncidentClosed, *in, "no policy fired for "+slo.FormatDuration(d.ResolveAfter), slo.EndingRecovered
	t.Incident.Closed = now
	t.Status = slo.Status{ID: d.ID, Group: in.Group, At: now, State: slo.StateOK, Budget: budget(e)}
	return t, func() {
		delete(open, e.Closes)
		p.status[d.ID] = t.Status
	}, nil
}

// opening is the transition of a breach; a page takes the place of an open ticket.
func (p *promises) opening(t slo.Transition, e *Event, open map[slo.Severity]*slo.Incident) (slo.Transition, func(), error) {
	d, now := t.Definition, t.At
	if open[e.Opens] != nil {
		return t, nil, fmt.Errorf("a %s of %s is open already; write an event that closes it before", e.Opens, d.ID)
	}
	group := labels(e.Group)
	in := slo.Incident{
		Key: key(d.ID, e.Opens, now), SLO: d.ID, Severity: e.Opens, Team: d.Team, Cause: slo.CauseBurn, Group: group, Groups: []slo.Labels{group},
		Started: now, Opened: now, Episode: key(d.ID, "", now), EpisodeStarted: now, Number: 1,
	}
	if ticket := open[slo.Ticket]; ticket != nil && e.Opens == slo.Page {
		in.Replaces, in.Episode, in.EpisodeStarted = ticket.Key, ticket.Episode, ticket.EpisodeStarted
	}
	policy := slo.Policy{Severity: e.Opens, Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4}
	if i := slices.IndexFunc(d.Policies, func(p slo.Policy) bool { return p.Severity == e.Opens }); i >= 0 {
		policy = d.Policies[i]
	}
	rate := cmp.Or(e.Burn, 2*policy.Factor)
	burn := func(window time.Duration) slo.Burn {
		return slo.Burn{Window: window, Name: slo.FormatDuration(window), Rate: rate, Ratio: min(1, rate*d.Budget()), Known: true}
	}
	fired := slo.PolicyStatus{Policy: policy, Long: burn(policy.Long), Short: burn(policy.Short), Firing: true, Severity: e.Opens}
	t.Kind, t.Incident, t.Policy = slo.IncidentOpened, in, &fired
	t.Reason = fmt.Sprintf("burn %.4g over %s and %s", rate, fired.Long.Name, fired.Short.Name)
	t.Status = slo.Status{ID: d.ID, Group: group, At: now, State: slo.StateBurning, Budget: budget(e), Policies: []slo.PolicyStatus{fired}}
	return t, func() {
		open[e.Opens] = &in
		if in.Replaces != "" {
			delete(open, slo.Ticket)
		}
		p.status[d.ID] = t.Status
	}, nil
}

// budget is what an event says of it.
func budget(e *Event) slo.BudgetStatus {
	if e.BudgetLeft == nil {
		return slo.BudgetStatus{}
	}
	left := *e.BudgetLeft / 100
	return slo.BudgetStatus{Known: true, Remaining: left, Consumed: 1 - left, Spent: left <= 0}
}

// key names an incident of a test.
func key(id string, severity slo.Severity, at time.Time) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{id, string(severity), at.UTC().Format(time.RFC3339Nano)}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// labels makes labels of what a file says.
func labels(m map[string]string) slo.Labels {
	pairs := make([]string, 0, 2*len(m))
	for name, value := range m {
		pairs = append(pairs, name, value)
	}
	return slo.NewLabels(pairs...)
}
