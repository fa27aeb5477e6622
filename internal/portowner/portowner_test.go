package portowner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestATakenPortNamesItsOwnerAndTheWayOut(t *testing.T) {
	first, err := Listen(t.Context(), "127.0.0.1:0", "web", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	addr := first.Addr().String()

	_, err = Listen(t.Context(), addr, "OTLP gRPC", "choose another with --otlp-grpc")

	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("got %v, want an InUseError", err)
	}
	if inUse.Owner == nil || inUse.Owner.PID != os.Getpid() {
		t.Errorf("owner is %v, want this process (pid %d)", inUse.Owner, os.Getpid())
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Error("the operating system's error is lost")
	}
	want := fmt.Sprintf("OTLP gRPC can't listen on %s: the port is in use by %s; choose another with --otlp-grpc", addr, inUse.Owner)
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestOtherErrorsOfListeningKeepTheirText(t *testing.T) {
	_, err := Listen(t.Context(), "256.0.0.1:1", "web", "choose another")
	var inUse *InUseError
	if err == nil || errors.As(err, &inUse) || !strings.HasPrefix(err.Error(), "web: listen tcp") {
		t.Errorf("got %v", err)
	}
}

func TestFindReadsTheProcFileSystem(t *testing.T) {
	const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	line := func(local, state, inode string) string {
		return "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000     0        0 " + inode + " 1\n"
	}
	for name, tc := range map[string]struct {
		tcp, tcp6 string
		want      string
	}{
		"a listener over IPv4":                         {tcp: line("0100007F:10DD", "0A", "77"), want: "otelcol (pid 42)"},
		"a listener over IPv6":                         {tcp6: line("00000000000000000000000000000000:10DD", "0A", "77"), want: "otelcol (pid 42)"},
		"a connection from that port is no listener":   {tcp: line("0100007F:10DD", "01", "77"), want: "none"},
		"another port":                                 {tcp: line("0100007F:10DE", "0A", "77"), want: "none"},
		"a socket of a process that can't be read":     {tcp: line("0100007F:10DD", "0A", "78"), want: "none"},
		"lines that make no sense are passed over":     {tcp: "x\n" + line("zzzz", "0A", "77") + line("0100007F:10DD", "0A", "77"), want: "otelcol (pid 42)"},
		"a system without the table has no answer":     {want: "none"},
		"an unreadable port number is passed over":     {tcp: line("0100007F:GGGG", "0A", "77"), want: "none"},
		"a port number that is too long is no port":    {tcp: line("0100007F:110DD", "0A", "77"), want: "none"},
		"the first of several sockets that is ours is": {tcp: line("0100007F:10DD", "0A", "78") + line("0100007F:10DD", "0A", "77"), want: "otelcol (pid 42)"},
	} {
		t.Run(name, func(t *testing.T) {
			proc := t.TempDir()
			write(t, filepath.Join(proc, "42", "comm"), "otelcol\n")
			write(t, filepath.Join(proc, "net", "dev"), "")
			if tc.tcp != "" {
				write(t, filepath.Join(proc, "net", "tcp"), header+tc.tcp)
			}
			if tc.tcp6 != "" {
				write(t, filepath.Join(proc, "net", "tcp6"), header+tc.tcp6)
			}
			if err := os.Mkdir(filepath.Join(proc, "42", "fd"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("socket:[77]", filepath.Join(proc, "42", "fd", "3")); err != nil {
				t.Fatal(err)
			}
			got := "none"
			if p, ok := Find(proc, 0x10DD); ok {
				got = p.String()
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
