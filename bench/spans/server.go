package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"burnline/bench/internal/rig"
	"burnline/internal/harness"
)

// server is one of the two, running.
type server struct {
	*harness.Process
	// otlp takes spans, and web answers questions; "" for the peer.
	otlp, web string
}

// slos are SLOs on spans, one for each service: judged by their status and how long they took.
func slos(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("service-%d.yaml", i)] = fmt.Sprintf(`apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: service-%d
  objective: 99.9
  sli:
    spans: {where: 'kind == SPAN_KIND_SERVER', bad: 'status.code == STATUS_CODE_ERROR or duration > 300ms'}
  group_by: [cloud.region]
`, i)
	}
	return files
}

// startBurnline starts the real binary with its built-in pipeline: counting, span metrics, sampling and store.
func startBurnline(ctx context.Context, o options, dir string) (*server, error) {
	b, err := rig.Prepare(ctx, o.burnline, dir, fmt.Sprintf("data: %q\nslos: [%q]\n", filepath.Join(dir, "data"), filepath.Join(dir, "slos")), slos(o.slos))
	if err != nil {
		return nil, err
	}
	return up(ctx, &server{Process: b.Process, otlp: "http://" + b.HTTP + "/v1/traces", web: "http://" + b.Web})
}

// startPeer starts the stock collector.
func startPeer(ctx context.Context, o options, _ string) (*server, error) {
	var free [2]string
	for i := range free {
		var err error
		if free[i], err = harness.FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	return up(ctx, &server{
		Process: &harness.Process{Command: []string{o.peer, free[0], free[1]}, Ready: "http://" + free[1] + "/"}, otlp: "http://" + free[0] + "/v1/traces",
	})
}

func up(ctx context.Context, s *server) (*server, error) {
	if err := s.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.WaitReady(ctx); err != nil {
		s.Kill()
		return nil, err
	}
	return s, nil
}

// buildPeer builds the stock collector from the modules that Burnline is built with.
func buildPeer(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "peer")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "burnline/bench/spans/peer").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the collector: %w\n%s", err, out)
	}
	return path, nil
}
