package pagerduty_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
)

// silentListener can let the connections that stand fall silent, as when a
// firewall forgets them: nothing arrives any more and nobody says so.
type silentListener struct {
	net.Listener
	generation atomic.Int64
}

// Accept implements net.Listener.
func (l *silentListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &silentConn{conn, l, l.generation.Load()}, err
}

// silentConn is a connection of one generation.
type silentConn struct {
	net.Conn
	listener   *silentListener
	generation int64
}

// Read implements net.Conn.
func (c *silentConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		if err != nil || c.generation == c.listener.generation.Load() {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (c *silentConn) Write(b []byte) (int, error) {
	if c.generation != c.listener.generation.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func TestAConnectionThatFellSilentHoldsUpOneAttemptOnly(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the request came by %s; HTTP/2 keeps one connection for all", r.Proto)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"status":"success"}`))
	}))
	listener := &silentListener{Listener: server.Listener}
	server.Listener, server.EnableHTTP2 = listener, true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := pagerduty.DefaultConfig()
	c.RoutingKey, c.URL = key, server.URL
	s, err := pagerduty.New(c, pagerduty.Options{Timeout: 2 * time.Second, Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted {
		t.Fatalf("got %+v", r)
	}
	listener.generation.Add(1)
	if r := send(t, s, page(alerting.ActionUpdate)); r.Verdict != alerting.VerdictRetry {
		t.Errorf("a silent connection gave %+v", r)
	}
	if r := send(t, s, page(alerting.ActionUpdate)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("the attempt after it gave %+v", r)
	}
}
