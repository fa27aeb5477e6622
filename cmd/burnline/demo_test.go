package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"burnline/internal/harness"
)

// TestTheDemoPagesResolvesAndEnds runs the demo as `make run` does, with an end.
func TestTheDemoPagesResolvesAndEnds(t *testing.T) {
	t.Parallel()
	demo := demoOn(t, "--for", "8m")
	code, err := demo.Wait(t.Context())
	if code != exitFine || err != nil {
		t.Fatalf("the demo ended with %d, %v:\n%s", code, err, demo.Output())
	}
	for _, part := range []string{"PAGE", "Buying in region eu", "checkout requests", "error budget",
		"customers are", "are in method card", "charge card: the bank does not", "checkout 1.5.0 was deployed", "Failing trace", "/traces/", "RESOLVED", "recovered"} {
		if !strings.Contains(demo.Output(), part) {
			t.Errorf("the story does not say %q:\n%s", part, demo.Output())
		}
	}
}

// TestTheDemoSaysWhatIsMissing ends the demo before the page can have come.
func TestTheDemoSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	demo := demoOn(t, "--for", "3s")
	code, err := demo.Wait(t.Context())
	if code != exitFindings || err != nil || !strings.Contains(demo.Output(), "did not come to its end") {
		t.Errorf("the demo ended with %d, %v:\n%s", code, err, demo.Output())
	}
}

// TestCtrlCEndsTheDemoCleanly interrupts it once it serves.
func TestCtrlCEndsTheDemoCleanly(t *testing.T) {
	t.Parallel()
	demo := demoOn(t)
	if err := demo.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := demo.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code, err := demo.Wait(t.Context()); code != exitFine || err != nil {
		t.Errorf("the demo ended with %d, %v:\n%s", code, err, demo.Output())
	}
}

// demoOn starts the demo on free ports.
func demoOn(t *testing.T, args ...string) *harness.Process {
	t.Helper()
	web := freeAddress(t)
	p := &harness.Process{
		Command: append([]string{os.Args[0], "demo", "--listen", web, "--otlp-grpc", freeAddress(t), "--otlp-http", freeAddress(t)}, args...),
		Env:     []string{childEnv + "=1"},
		Ready:   "http://" + web + "/-/ready",
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}
