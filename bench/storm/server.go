package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"burnline/internal/harness"
)

// server says how to start one of the two.
type server struct {
	name string
	// prepare writes further files into its folder; nil for none. Only Burnline has any.
	prepare func(dir string) error
	// command returns the process, which is not started yet, for a folder that holds
	// alertmanager.yml, and the base of its API.
	command func(dir string, free [4]string) (p *harness.Process, api string, _ error)
}

// configuration is what both read.
func (o options) configuration(hook string) string {
	return fmt.Sprintf(`route: {receiver: hook, group_by: [alertname], group_wait: %s, group_interval: %s, repeat_interval: 4h}
receivers: [{name: hook, webhook_configs: [{url: %q}]}]
`, o.wait, o.interval, hook)
}

// nameBurnline tells ours from the other.
const nameBurnline = "burnline"

// burnline is the real binary, with Alertmanager's configuration.
func burnline(path string) server {
	return server{name: nameBurnline, command: func(dir string, free [4]string) (*harness.Process, string, error) {
		config := filepath.Join(dir, "burnline.yaml")
		if err := os.WriteFile(config, []byte("alerting: {config: alertmanager.yml}\n"), 0o600); err != nil {
			return nil, "", fmt.Errorf("write the configuration: %w", err)
		}
		base := "http://" + free[0]
		return &harness.Process{
			Command: []string{path, "serve", "--config", config, "--data", filepath.Join(dir, "data"),
				"--listen", free[0], "--otlp-http", free[1], "--otlp-grpc", free[2]},
			Ready: base + "/-/ready",
		}, base + "/alertmanager/api/v2", nil
	}}
}

// alertmanager is the real binary without a cluster.
func alertmanager(path string) server {
	return server{name: "alertmanager", command: func(dir string, free [4]string) (*harness.Process, string, error) {
		base := "http://" + free[0]
		return &harness.Process{
			Command: []string{path, "--config.file=" + filepath.Join(dir, "alertmanager.yml"), "--storage.path=" + filepath.Join(dir, "data"),
				"--web.listen-address=" + free[0], "--cluster.listen-address=", "--log.level=warn"},
			Ready: base + "/-/ready",
		}, base + "/api/v2", nil
	}}
}

// process is a server that runs.
type process struct {
	*harness.Process
	api string
}

// start starts the server on an empty folder and waits until it is ready.
func (o options) start(ctx context.Context, s server, dir, configuration string) (*process, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "alertmanager.yml"), []byte(configuration), 0o600); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	var free [4]string
	for i := range free {
		var err error
		if free[i], err = harness.FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	p := &process{}
	var err error
	if p.Process, p.api, err = s.command(dir, free); err != nil {
		return nil, err
	}
	if s.prepare != nil && s.name == nameBurnline {
		if err := s.prepare(dir); err != nil {
			return nil, fmt.Errorf("write the configuration: %w", err)
		}
	}
	return p, p.up(ctx)
}

// up starts the process, for the first time or again.
func (p *process) up(ctx context.Context) error {
	if err := p.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := p.WaitReady(ctx); err != nil {
		p.Kill()
		return err
	}
	return nil
}
