package app

import (
	"context"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// The status page stands on the Internet: who opens connection after connection there takes no place of
// who is on call, and none of others beyond what one address may have.
func TestTheStatusPageThatIsServedApartBoundsItsConnections(t *testing.T) {
	c := DefaultConfig()
	c.Server.Listen, c.StatusPage.Listen = "127.0.0.1:0", "127.0.0.1:0"
	c.Server.Limits.Connections, c.Server.Limits.ConnectionsEach = 10, 2
	p := &parts{registry: prometheus.NewRegistry()}
	p.set.Store(&settings{Config: c})
	var down teardown
	for _, open := range []func(context.Context, *teardown) error{p.openListener, p.openStatusPage} {
		if err := open(t.Context(), &down); err != nil {
			t.Fatal(err)
		}
	}
	accepted := make(chan net.Conn, 10)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := p.statusListener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for i := range 3 {
		conn, err := net.Dial("tcp", p.statusListener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if i < 2 {
			taken := <-accepted
			defer func() { _ = taken.Close() }()
		} else if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("one too many read %d bytes, %v", n, err)
		}
	}
	_ = p.statusListener.Close()
	<-ended
	_ = p.listener.Close()
	if got := testutil.ToFloat64(p.refusedConnections.WithLabelValues("client")); got != 1 {
		t.Errorf("%g connections were counted, want 1", got)
	}
}
