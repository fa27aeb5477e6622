package state_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/internal/harness/postgres"
	"burnline/slo"
	"burnline/storage/state"
)

// outage is a PostgreSQL of its own that a test stops and starts.
type outage struct {
	t   *testing.T
	pg  *postgres.Server
	dsn string
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	pg := postgres.Run(t)
	return &outage{t, pg, pg.DSN("postgres")}
}

func (o *outage) halt() {
	o.t.Helper()
	if err := o.pg.Halt(); err != nil {
		o.t.Fatal(err)
	}
}

func (o *outage) resume() {
	o.t.Helper()
	if err := o.pg.Resume(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// kept returns what PostgreSQL itself holds of an incident.
func (o *outage) kept(key string) alerting.Record {
	o.t.Helper()
	s, err := state.Open(o.t.Context(), state.Options{DSN: o.dsn})
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	r, found, err := s.Incident(o.t.Context(), key)
	if err != nil || !found {
		o.t.Fatalf("PostgreSQL has incident %s: %t, %v", key, found, err)
	}
	return r
}

// pagerOf is the far end: it notes what it is sent, and takes it unless it is down.
type pagerOf struct {
	mu   sync.Mutex
	got  []string
	down bool
}

// Send implements alerting.Sender.
func (p *pagerOf) Send(_ context.Context, row alerting.Row) alerting.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return alerting.Result{Verdict: alerting.VerdictRetry, Answer: "503"}
	}
	p.got = append(p.got, string(row.Action)+" "+row.Key)
	return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "202"}
}

// Destination implements alerting.Sender.
func (p *pagerOf) Destination() alerting.Destination { return alerting.Destination{Name: "pager"} }

func (p *pagerOf) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// told returns what was sent of incidents, in order.
func (p *pagerOf) told(keys ...string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, g := range p.got {
		if action, key, _ := strings.Cut(g, " "); slices.Contains(keys, key) {
			all = append(all, action+" "+key)
		}
	}
	return strings.Join(all, ", ")
}

// burning is a whole node: store, router and deliverer.
type burning struct {
	t      *testing.T
	dir    string
	store  *state.Spooled
	router *alerting.Router
	pager  *pagerOf
	stop   func()
}

// routerOn is a router that tells one receiver of everything.
func (o *outage) routerOn(store *state.Spooled, wake func()) *alerting.Router {
	o.t.Helper()
	r, err := alerting.NewRouter(alerting.Options{Store: store, Alerts: store, Now: time.Now, Wake: wake, Poll: time.Second, Config: alerting.Config{
		Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0", KeepsIncidents: true}}}},
		Route:     alerting.Route{Receiver: "oncall", GroupBy: alerting.Grouping{Labels: []string{"alertname"}}}}})
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// run starts a node with its data in a folder.
func (o *outage) run(dir string, pager *pagerOf) *burning {
	t := o.t
	t.Helper()
	store, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	n := &burning{t: t, dir: dir, store: store, pager: pager}
	deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{Store: store, Now: time.Now, Poll: 100 * time.Millisecond, MaxBackoff: time.Second,
		Senders: func(string, string) (alerting.Sender, bool) { return pager, true }})
	if err != nil {
		t.Fatal(err)
	}
	n.router = o.routerOn(store, deliverer.Wake)
	store.Follow(n.router.StoreChanged, func() state.Ending { return n.router.Endings() })
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, part := range []func(context.Context) error{store.Run, deliverer.Run, n.router.Run, n.router.RunAlerts} {
		running.Go(func() {
			if err := part(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	n.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(n.stop)
	return n
}

// tells waits until the pager got this of incidents, and until the node has recorded its answers.
func (n *burning) tells(want string, keys ...string) {
	n.t.Helper()
	defer func() {
		if n.t.Failed() {
			n.t.Logf("of %v the pager is told %q", keys, n.pager.told(keys...))
		}
	}()
	patience.Until(n.t, "the pager is told "+want, func() bool { return n.pager.told(keys...) == want })
	waits := func(row alerting.Row) bool { return row.State == alerting.RowPending }
	patience.Until(n.t, "the answer to "+want+" is recorded", func() bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return slices.ContainsFunc(record(n.t, n.store, key).Rows, waits) })
	})
}

// isBack waits until PostgreSQL is used again, with a fresh copy.
func (n *burning) isBack() {
	n.t.Helper()
	patience.Until(n.t, "PostgreSQL is back", func() bool { since, _, _ := n.store.Absence(); return since.IsZero() })
}

// step commits a transition of an incident, as an engine does.
func (n *burning) step(kind slo.TransitionKind, key string, edit ...func(*slo.Transition)) {
	n.t.Helper()
	now := time.Now()
	tr := slo.Transition{Kind: kind, At: now, Reason: "burn 36.2", Since: slo.Counts{Total: 1},
		Incident: slo.Incident{Key: key, SLO: "checkout/" + key, Severity: slo.Page, Started: now, Opened: now, Number: 1}}
	if kind == slo.IncidentClosed {
		tr.Incident.Closed = now
	}
	for _, e := range edit {
		e(&tr)
	}
	if err := n.router.Commit(patience.Context(n.t), tr); err != nil {
		n.t.Fatalf("%s of %s: %v", kind, key, err)
	}
}

// rows writes the rows of an incident: action state attempts.
func rowsOf(r alerting.Record) string {
	var all []string
	for _, row := range r.Rows {
		all = append(all, fmt.Sprintf("%s %s %d", row.Action, row.State, row.Attempts))
	}
	return strings.Join(all, ", ")
}

// stepsOf writes what happened to an incident.
func stepsOf(r alerting.Record) string {
	var all []string
	for _, s := range r.Transitions {
		all = append(all, string(s.Kind))
	}
	return strings.Join(all, ", ")
}

// groupOf returns the key of the group of alerts of a name; "" when there is none.
func (n *burning) groupOf(name string) (key string) {
	n.t.Helper()
	groups, err := n.store.ListAlertGroups(n.t.Context(), alerting.AlertFilter{})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, g := range groups {
		if g.Labels.Get("alertname") == name {
			key = g.Key
		}
	}
	return key
}
