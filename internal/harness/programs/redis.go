package programs

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// Redis runs one that takes few clients; its load is commands, one of which makes no sense, and a crowd of which some are
// turned away.
func Redis(t testing.TB) *Program {
	t.Helper()
	path, err := find("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var address string
	var server *harness.Process
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	for up := false; !up; { // another program may take the port first
		address = free(t)
		host, port, _ := strings.Cut(address, ":")
		server = &harness.Process{Command: []string{
			path, "--bind", host, "--port", port, "--dir", dir, "--save", "", "--maxclients", "10", "--maxmemory", "100mb",
		}}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		end, stop := context.WithTimeout(ctx, patience.Limit/3)
		up = harness.Poll(end, 20*time.Millisecond, func() (bool, error) { return talk(end, address, "PING") == nil, nil }) == nil
		stop()
		if !up {
			server.Kill()
		}
		if ctx.Err() != nil {
			t.Fatalf("redis-server did not start:\n%s", server.Output())
		}
	}
	t.Cleanup(server.Kill)
	metrics, _ := run(t, "prometheus-redis-exporter", "/metrics", nil, func(exporter string) []string {
		return []string{"--redis.addr=redis://" + address, "--web.listen-address=" + exporter}
	})
	return &Program{Metrics: metrics, Stop: server.Kill, Load: func(ctx context.Context) error {
		for _, command := range []string{"SET a 1", "GET a", "GET b", "LPUSH a 1"} {
			if err := talk(ctx, address, command); err != nil && ctx.Err() == nil {
				return nil //nolint:nilerr // the crowd before may still be there; the next load asks again
			}
		}
		return throng(ctx, address)
	}}
}

// talk sends a command and reads the answer, which may be an error of Redis' own.
func talk(ctx context.Context, address, command string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what it answered counts
	if err := conn.SetDeadline(time.Now().Add(patience.Limit)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\nQUIT\r\n", command); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && len(answer) == 0 {
		return fmt.Errorf("%s: no answer", command)
	}
	return err
}
