// Package programs runs the programs that packs are about, as Debian packages them, each on free ports with its exporter
// beside it, and makes requests to them, failures among them.
package programs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// Program is a program that runs, with its exporter.
type Program struct {
	// Metrics is the address that is scraped, host:port.
	Metrics string
	// Replica is the address of its replica's exporter; empty where it has none, or where the replica isn't scraped.
	Replica string
	// Load makes some requests, failures among them. It is called again and again; an error is one of the test's own.
	Load func(ctx context.Context) error
	// Stop ends the program and leaves its exporter, so that it can't be reached. Nil where the program is its own exporter.
	Stop func()
}

// run starts a program on a free port until the test ends. Another program may take the port first, so it is tried three
// times. ready is the path that answers 200 once it runs; args makes its arguments for an address.
func run(t testing.TB, name, ready string, env []string, args func(address string) []string) (string, *harness.Process) {
	t.Helper()
	path, err := find(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	for attempt := 1; ; attempt++ {
		address := free(t)
		p := &harness.Process{Command: append([]string{path}, args(address)...), Env: env, Ready: "http://" + address + ready}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		err := p.WaitReady(ctx)
		if err == nil {
			t.Cleanup(p.Kill)
			return address, p
		}
		p.Kill()
		if attempt == 3 || ctx.Err() != nil {
			t.Fatalf("start %s: %v\n%s", name, err, p.Output())
		}
	}
}

// find finds a program, also where only root's path leads.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	path := "/usr/sbin/" + name
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not installed; tools/test-servers installs it", name)
	}
	return path, nil
}

// free returns a loopback address that is free now.
func free(t testing.TB) string {
	t.Helper()
	address, err := harness.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// file writes a file into a folder of the test's and returns its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
