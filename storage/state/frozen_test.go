package state_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// freezing is a connection over which nothing goes any more from the first statement on that holds a text, and which stays
// open, as when the node's machine is paused.
type freezing struct {
	net.Conn
	at     []byte
	frozen func()
	over   <-chan struct{}
}

// Write implements net.Conn.
func (f freezing) Write(p []byte) (int, error) {
	if bytes.Contains(p, f.at) {
		f.frozen()
		<-f.over
	}
	return f.Conn.Write(p)
}

// lanes are receivers that each are a destination, with a deliverer that tells them.
type lanes map[string]*pagerOf

// lane is one of them.
type lane struct {
	*pagerOf
	name string
}

// Destination implements alerting.Sender.
func (l lane) Destination() alerting.Destination { return alerting.Destination{Name: l.name} }

// run delivers until the test ends.
func (ls lanes) run(t *testing.T, s *state.Spooled, registry prometheus.Registerer) {
	t.Helper()
	d, err := alerting.NewDeliverer(alerting.DelivererOptions{Store: s, Now: time.Now, Poll: 100 * time.Millisecond, Registerer: registry,
		Senders: func(receiver, _ string) (alerting.Sender, bool) { return lane{ls[receiver], receiver}, true }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// alone is a node on PostgreSQL's own clock.
func alone(t *testing.T) (*state.Spooled, state.Options) {
	t.Helper()
	o := withPostgres(t)
	o.CallersTime = false
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the database goes anyway
	return s, o
}

// A node that freezes in the middle of a claim holds the destination until PostgreSQL ends its transaction; then another
// node tells the page.
func TestANodeThatFreezesInAClaimHoldsNoPageUpForGood(t *testing.T) {
	t.Parallel()
	s, o := alone(t)
	commit(t, s, planned(transition(slo.IncidentOpened, "k", 0), [2]string{"oncall", "trigger"}))
	o.DSN += "&idle_in_transaction_session_timeout=1000"
	frozen, over := make(chan struct{}), make(chan struct{})
	freezes := sync.OnceFunc(func() { close(frozen) })
	other, err := state.OpenThrough(o, func(conn net.Conn) net.Conn {
		return freezing{conn, []byte("before.seq < o.seq"), freezes, over}
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = other.Claim(t.Context(), alerting.Claim{Destination: alerting.Destination{Name: "oncall"}, Limit: 1, Lease: time.Minute}, start) // it may end either way
		_ = other.Close()
	}()
	defer func() {
		close(over)
		patience.Receive(t, "the claim of the node that froze ends", ended)
	}()
	patience.Receive(t, "a node freezes", frozen)
	all := lanes{"oncall": {}}
	all.run(t, s, nil)
	patience.Until(t, "the page is told", func() bool { return all["oncall"].told("k") == "trigger k" })
}

// A destination that somebody else keeps locked holds no other up, and what waits for it is measured.
func TestADestinationThatIsLockedHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	s, o := alone(t)
	holder := connect(t, o.DSN)
	for _, statement := range []string{`INSERT INTO destinations (name) VALUES ('chat')`, `BEGIN`, `SELECT held_until FROM destinations FOR UPDATE`} {
		if _, err := holder.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	all, registry := lanes{"chat": {}, "oncall": {}}, prometheus.NewRegistry()
	all.run(t, s, registry)
	const told = "trigger a, trigger b"
	for _, key := range []string{"a", "b"} {
		page := transition(slo.IncidentOpened, key, 0)
		page.Incident.SLO = "checkout/" + key
		commit(t, s, planned(page, [2]string{"chat", "trigger"}, [2]string{"oncall", "trigger"}))
		patience.Until(t, "the page "+key+" is told", func() bool { return strings.HasSuffix(all["oncall"].told("a", "b"), "trigger "+key) })
	}
	patience.Until(t, "what waits is measured", func() bool { return gauge(t, registry, "burnline_outbox_pending_rows") == 2 })
	if gauge(t, registry, "burnline_outbox_oldest_pending_seconds") <= 0 {
		t.Error("what waits has no age")
	}
	if got := all["chat"].told("a", "b"); got != "" {
		t.Errorf("the destination that is locked is told %q", got)
	}
	if _, err := holder.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "the others are told too", func() bool { return len(all["chat"].told("a", "b")) == len(told) })
}

// gauge reads one number.
func gauge(t *testing.T, from prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

// What bounds how long others wait is in force on every connection, unless the address says otherwise.
func TestAConnectionSaysHowLongOthersMayWaitForIt(t *testing.T) {
	t.Parallel()
	o := withPostgres(t)
	for name, want := range map[string]string{"synchronous_commit": "on", "idle_in_transaction_session_timeout": "8s", "lock_timeout": "10s"} {
		s, err := state.OpenThrough(o, func(conn net.Conn) net.Conn { return conn })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Setting(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %s", name, got, err, want)
		}
		_ = s.Close() // it was read
	}
	o.DSN += "&lock_timeout=2s"
	s, err := state.OpenThrough(o, func(conn net.Conn) net.Conn { return conn })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // it is read before
	if got, err := s.Setting(t.Context(), "lock_timeout"); err != nil || got != "2s" {
		t.Errorf("lock_timeout is %q, %v; the address says 2s", got, err)
	}
}
