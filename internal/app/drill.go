package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"burnline/alerting"
	"burnline/alerting/drills"
	"burnline/slo"
)

// drill is one synthetic failure on its way through the running server.
type drill struct {
	parts    *parts
	receiver string
	began    time.Time
	def      slo.Definition
	tell     func(drills.Step)

	// good and bad are the events so far.
	good, bad int64

	mu sync.Mutex
	// opened, committed, sentAt and closed are when the engine, the router and the deliverer did
	// that, and key is the incident's; zero before.
	opened, committed, sentAt, closed time.Time
	key                               string
}

// The times of a drill.
const (
	// drillEvery is the distance of its samples, and drillLook how often its steps are looked at.
	drillEvery = time.Second
	drillLook  = 50 * time.Millisecond
	// drillPatience is how long each step may take.
	drillPatience = time.Minute
)

// drillNote is what templates of users show, which name annotations.
const drillNote = "DRILL: nothing real fails, and nothing is to be done."

// drillDefinition is an SLO whose page comes and goes within seconds.
func drillDefinition(id string) slo.Definition {
	selector := func(more ...slo.Matcher) slo.Sum {
		return slo.Sum{{Selector: slo.Selector{Name: drillMetric + "_total", Matchers: append([]slo.Matcher{{Label: "drill", Op: slo.MatchEqual, Value: id}}, more...)}}}
	}
	return slo.Definition{
		ID: alerting.DrillPrefix + id, Name: "DRILL", Service: "burnline", Journey: "the drill",
		Description: "A drill of Burnline's own way from a sample to a person.", Objective: 90, Window: slo.Window{Rolling: time.Hour},
		SLI:      slo.SLI{Events: &slo.EventsSLI{Bad: selector(slo.Matcher{Label: "outcome", Op: slo.MatchEqual, Value: "bad"}), Total: selector()}},
		Policies: []slo.Policy{{Severity: slo.Page, Long: 30 * time.Second, Short: 5 * time.Second, Factor: 5}},
		NoData:   slo.NoDataIgnore, ResolveAfter: 3 * time.Second, MinBad: 2, Labels: map[string]string{"drill": "true"},
		Annotations: map[string]string{"summary": drillNote, "description": drillNote}, Dialect: slo.Native,
	}
}

// runDrill lets a synthetic SLI fail and recover, and tells each step from the first sample
// to the receiver's answer as it happens. Where a receiver is named the page goes there;
// otherwise routes and all that may keep it quiet decide. The error says which step did not come.
func (p *parts) runDrill(ctx context.Context, receiver string, tell func(drills.Step)) error {
	set := p.set.Load()
	if receiver != "" && !slices.ContainsFunc(set.alerting.Receivers, func(r alerting.ReceiverConfig) bool { return r.Name == receiver }) {
		return drills.ErrNoReceiver
	}
	now := time.Now()
	d := &drill{parts: p, receiver: receiver, began: now, def: drillDefinition(strconv.FormatInt(now.UnixNano(), 36)), tell: tell}
	if !p.drill.CompareAndSwap(nil, d) {
		return drills.ErrBusy
	}
	defer p.drill.Store(nil)
	if err := p.updateEngine(); err != nil {
		return fmt.Errorf("take the drill's SLO over: %w", err)
	}
	err := d.run(ctx)
	// Without its SLO, an incident of the drill that is open still ends.
	d.mu.Lock()
	d.def.ID = ""
	d.mu.Unlock()
	return errors.Join(err, p.updateEngine())
}

// updateEngine gives the engine the SLOs in force, and that of a drill.
func (p *parts) updateEngine() error {
	p.reloading.Lock()
	defer p.reloading.Unlock()
	return p.engine.Update(p.withDrill(p.set.Load().Definitions))
}

// withDrill adds the SLO of the drill that is under way.
func (p *parts) withDrill(defs []slo.Definition) []slo.Definition {
	d := p.drill.Load()
	if d == nil {
		return defs
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.def.ID == "" {
		return defs
	}
	return append(slices.Clone(defs), d.def)
}

// commit hands transitions to the router, and notes those of a drill.
func (p *parts) commit(ctx context.Context, t slo.Transition) error {
	d := p.drill.Load()
	if d == nil || !alerting.Drilled(t.Incident.SLO) {
		return p.router.Commit(ctx, t)
	}
	t.Incident.Receiver = d.receiver
	proposed := time.Now()
	err := p.router.Commit(ctx, t)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case t.Kind == slo.IncidentOpened && d.opened.IsZero():
		d.opened, d.committed, d.key = proposed, time.Now(), t.Incident.Key
	case t.Kind == slo.IncidentClosed && t.Incident.Key == d.key:
		d.closed = time.Now()
	}
	return nil
}

// run sends samples and waits for what comes of them.
func (d *drill) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := d.export(ctx); err != nil {
		return fmt.Errorf("no sample was accepted: %w; look at the collector and the metric store on the page System", err)
	}
	d.step("sample accepted", "", time.Now())
	for _, s := range []struct {
		name, check string
		failing     bool
		done        func(context.Context) (time.Time, string, error)
	}{
		{"counted", "look at the lag and the engine's metrics", true, d.counted},
		{"page opened and committed", "look at the engine's log and the state database", true, d.pageOpened},
		{"sent", "look at the outbox on the page System", true, d.sent},
		{"answered", "look at the receiver's answer", true, func(ctx context.Context) (time.Time, string, error) { return d.answered(ctx, alerting.ActionTrigger) }},
		{"recovered", "look at the engine's log", false, d.recovered},
		{"end answered", "look at the receiver's answer", false, func(ctx context.Context) (time.Time, string, error) { return d.answered(ctx, alerting.ActionResolve) }},
	} {
		at, note, err := d.await(ctx, s.failing, s.done)
		if err != nil {
			return fmt.Errorf("%s: %w; %s", s.name, err, s.check)
		}
		d.step(s.name, note, at)
	}
	return nil
}

func (d *drill) step(name, note string, at time.Time) {
	d.tell(drills.Step{Name: name, Note: note, At: at.UTC(), After: at.Sub(d.began)})
}

// await goes on to send samples until something is done.
func (d *drill) await(ctx context.Context, failing bool, done func(context.Context) (time.Time, string, error)) (time.Time, string, error) {
	ctx, cancel := context.WithTimeout(ctx, drillPatience)
	defer cancel()
	look, send := time.NewTicker(drillLook), time.NewTicker(drillEvery)
	defer look.Stop()
	defer send.Stop()
	for {
		at, note, err := done(ctx)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && at.IsZero() {
			return time.Time{}, "", fmt.Errorf("it did not come within %s", drillPatience) // whatever was being read then
		}
		if err != nil || !at.IsZero() {
			return at, note, err
		}
		select {
		case <-ctx.Done():
			return time.Time{}, "", fmt.Errorf("it did not come within %s", drillPatience)
		case <-look.C:
		case <-send.C:
			if failing {
				d.bad += 10
			} else {
				d.good += 10
			}
			if err := d.export(ctx); err != nil {
				return time.Time{}, "", fmt.Errorf("a sample was not accepted: %w", err)
			}
		}
	}
}

// counted waits for the engine to have counted a bad event.
func (d *drill) counted(context.Context) (time.Time, string, error) {
	for _, s := range d.parts.engine.Status(d.def.ID) {
		if s.Whole.Counts.Bad() > 0 {
			return s.At, "", nil
		}
	}
	return time.Time{}, "", nil
}

func (d *drill) pageOpened(context.Context) (time.Time, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.committed, d.key, nil
}

func (d *drill) recovered(context.Context) (time.Time, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed, "", nil
}

// rows are the drill's messages of a kind, and why there are none.
func (d *drill) rows(ctx context.Context, action alerting.Action) ([]alerting.Row, error) {
	record, _, err := d.parts.state.Incident(ctx, d.key)
	if err != nil {
		return nil, err
	}
	var rows []alerting.Row
	for _, r := range record.Rows {
		if r.Action == action {
			rows = append(rows, r)
		}
	}
	if len(rows) > 0 || action != alerting.ActionTrigger {
		return rows, nil
	}
	for _, decision := range record.InForce() {
		return nil, errors.New(decision.Title() + ": " + decision.Story())
	}
	return nil, errors.New("nobody is told of it; name a receiver")
}

func (d *drill) sent(ctx context.Context) (time.Time, string, error) {
	rows, err := d.rows(ctx, alerting.ActionTrigger)
	if err != nil {
		return time.Time{}, "", err
	}
	for _, r := range rows {
		if r.Shadowed() {
			return time.Time{}, "", errors.New("shadow mode is on, so that nothing is sent")
		}
		to := "to " + r.Receiver + " (" + r.Integration + ")"
		if at := d.sending(); r.Attempts > 0 && !at.IsZero() {
			return at, to, nil
		}
		if r.State == alerting.RowDelivered {
			return r.SettledAt, to + ", by another node", nil
		}
	}
	return time.Time{}, "", nil
}

// answered waits until all messages of a kind are delivered. Where the end is not told the
// receiver does not want it.
func (d *drill) answered(ctx context.Context, action alerting.Action) (time.Time, string, error) {
	rows, err := d.rows(ctx, action)
	if err != nil {
		return time.Time{}, "", err
	}
	if len(rows) == 0 {
		return time.Now(), "the receiver is not told of ends", nil
	}
	var last time.Time
	for _, r := range rows {
		switch r.State {
		case alerting.RowDelivered:
			if r.SettledAt.After(last) {
				last = r.SettledAt
			}
		case alerting.RowRefused:
			return time.Time{}, "", fmt.Errorf("%s refused it: %s", r.Receiver, r.Answer)
		default:
			return time.Time{}, "", nil
		}
	}
	return last, rows[0].Answer, nil
}

// sending is when the page began to be sent.
func (d *drill) sending() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sentAt
}

// sender returns the sender of an integration, one that notes when a drill's page is
// sent while there is a drill.
func (p *parts) sender(receiver, integration string) (alerting.Sender, bool) {
	s, ok := p.senders.lookup(receiver, integration)
	if d := p.drill.Load(); ok && d != nil {
		return timedSender{s, d}, true
	}
	return s, ok
}

// timedSender notes when a drill's page is sent.
type timedSender struct {
	alerting.Sender
	drill *drill
}

// Send implements alerting.Sender.
func (t timedSender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	if alerting.Drilled(row.Message.Labels.Get("slo")) {
		t.drill.mu.Lock()
		if t.drill.sentAt.IsZero() {
			t.drill.sentAt = time.Now()
		}
		t.drill.mu.Unlock()
	}
	return t.Sender.Send(ctx, row)
}
