package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// Whoever runs a server as a service learns when it counts and pages, and when it ends: systemd by its socket,
// a container's health check and scripts by burnline ready.
func TestAServiceManagerLearnsWhenTheServerIsReadyAndWhenItEnds(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{})
	manager := s.managed()

	early := s.process("ready", "--server", "http://"+s.web)
	if err := early.Start(); err != nil {
		t.Fatal(err)
	}
	if code, err := early.Wait(t.Context()); err != nil || code != exitCannotRun || !strings.Contains(early.Output(), "is burnline serve running there") {
		t.Errorf("before the start: %d, %v: %s", code, err, early.Output())
	}
	s.configure("")
	waiting := s.process("ready", "--wait", "10m", "--server", "http://"+s.web)
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	s.start()
	if code, err := waiting.Wait(t.Context()); err != nil || code != exitFine || !strings.Contains(waiting.Output(), "is ready") {
		t.Errorf("who waited is told %d, %v: %s", code, err, waiting.Output())
	}
	if code, err := s.server.Stop(t.Context()); err != nil || code != exitFine {
		t.Fatalf("the end: %d, %v", code, err)
	}
	if told, want := []string{heard(t, manager), heard(t, manager)}, []string{"READY=1", "STOPPING=1"}; !slices.Equal(told, want) {
		t.Errorf("systemd is told %q, want %q", told, want)
	}
}

// managed gives the server a service manager, and returns where that hears of it.
func (s *story) managed() *net.UnixConn {
	s.t.Helper()
	// The path of a socket may have a hundred characters, which test folders exceed.
	dir, err := os.MkdirTemp("", "notify")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = manager.Close() })
	s.server.Env = append(s.server.Env, "NOTIFY_SOCKET="+socket)
	return manager
}

// heard is the next that the service manager is told.
func heard(t *testing.T, manager *net.UnixConn) string {
	t.Helper()
	message := make([]byte, 512)
	n, err := manager.Read(message)
	if err != nil {
		t.Fatal(err)
	}
	return string(message[:n])
}
