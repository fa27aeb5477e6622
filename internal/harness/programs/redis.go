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

// Redis runs one that takes few clients, and a replica of it; its load is commands, one of which makes no sense, and a crowd
// of which some are turned away.
func Redis(t testing.TB) *Program {
	t.Helper()
	address, server := redis(t, "--maxclients", "10", "--maxmemory", "100mb", "--repl-diskless-sync-delay", "0")
	host, port, _ := strings.Cut(address, ":")
	replica, _ := redis(t, "--replicaof", host+" "+port)
	return &Program{Metrics: redisExporter(t, address), Replica: redisExporter(t, replica), Stop: server.Kill, Load: func(ctx context.Context) error {
		for _, command := range []string{"SET a 1", "GET a", "GET b", "LPUSH a 1"} {
			if err := talk(ctx, address, command); err != nil && ctx.Err() == nil {
				return nil //nolint:nilerr // the crowd before may still be there; the next load asks again
			}
		}
		return throng(ctx, address)
	}}
}

// redis runs a Redis that keeps nothing and returns its address.
func redis(t testing.TB, args ...string) (string, *harness.Process) {
	t.Helper()
	path, err := find("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	for { // another program may take the port first
		address := free(t)
		host, port, _ := strings.Cut(address, ":")
		server := &harness.Process{Command: append([]string{path, "--bind", host, "--port", port, "--dir", dir, "--save", ""}, args...)}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		end, stop := context.WithTimeout(ctx, patience.Limit/3)
		err := harness.Poll(end, 20*time.Millisecond, func() (bool, error) { return talk(end, address, "PING") == nil, nil })
		stop()
		if err == nil {
			t.Cleanup(server.Kill)
			return address, server
		}
		server.Kill()
		if ctx.Err() != nil {
			t.Fatalf("redis-server did not start:\n%s", server.Output())
		}
	}
}

// redisExporter runs the exporter of a Redis and returns its address.
func redisExporter(t testing.TB, address string) string {
	t.Helper()
	metrics, _ := run(t, "prometheus-redis-exporter", "/metrics", nil, func(exporter string) []string {
		return []string{"--redis.addr=redis://" + address, "--web.listen-address=" + exporter}
	})
	return metrics
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
