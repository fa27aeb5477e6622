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
	// command returns the process for a data folder, which is not started yet, by
	// free addresses. It may write files into the folder.
	command func(dir string, free [3]string) (*process, error)
}

// burnline is the real binary with its embedded defaults.
func burnline(path string) server {
	return server{name: "burnline", command: func(dir string, free [3]string) (*process, error) {
		return &process{
			Process: &harness.Process{
				Command: []string{path, "serve", "--data", filepath.Join(dir, "data"),
					"--listen", free[0], "--otlp-http", free[1], "--otlp-grpc", free[2]},
				Ready: "http://" + free[0] + "/-/ready",
			},
			otlp: "http://" + free[1] + "/v1/metrics",
		}, nil
	}}
}

// token is what senders bring to a Burnline that wants one.
const token = "a-token-of-the-benchmark-0123456789"

// guarded is Burnline as it is where others reach its ports: every request brings a token.
func guarded(path string) server {
	open := burnline(path)
	return server{name: "burnline with a token", command: func(dir string, free [3]string) (*process, error) {
		config := filepath.Join(dir, "burnline.yaml")
		for name, text := range map[string]string{config: "ingest: {auth: required, token_files: {bench: bench.token}}\n", filepath.Join(dir, "bench.token"): token} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				return nil, fmt.Errorf("write the configuration: %w", err)
			}
		}
		p, err := open.command(dir, free)
		if err != nil {
			return nil, err
		}
		p.Command, p.token = append(p.Command, "--config", config), token
		return p, nil
	}}
}

// prometheusConfig gives Prometheus the out-of-order window and the labels
// that Burnline has by default, so that both store the same.
const prometheusConfig = `
storage: {tsdb: {out_of_order_time_window: 1d}}
otlp: {promote_resource_attributes: [service.name, service.namespace, service.version, deployment.environment.name, deployment.environment, cloud.region, cloud.availability_zone, k8s.cluster.name, k8s.namespace.name]}
`

// prometheus is the real binary with its OTLP receiver and exemplars on.
func prometheus(path string) server {
	return server{name: "prometheus", command: func(dir string, free [3]string) (*process, error) {
		config := filepath.Join(dir, "prometheus.yml")
		if err := os.WriteFile(config, []byte(prometheusConfig), 0o600); err != nil {
			return nil, fmt.Errorf("write the configuration: %w", err)
		}
		base := "http://" + free[0]
		return &process{
			Process: &harness.Process{
				Command: []string{path, "--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
					"--web.listen-address=" + free[0], "--web.enable-otlp-receiver", "--enable-feature=exemplar-storage", "--log.level=warn"},
				Ready: base + "/-/ready",
			},
			otlp: base + "/api/v1/otlp/v1/metrics",
		}, nil
	}}
}

// process is a server that runs.
type process struct {
	*harness.Process
	// otlp is the URL that takes metrics, token what it wants to be brought; "" for none.
	otlp, token string
}

// start starts the server on an empty folder and waits until it is ready.
func (s server) start(ctx context.Context, dir string) (*process, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	var free [3]string
	for i := range free {
		var err error
		if free[i], err = harness.FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	p, err := s.command(dir, free)
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := p.WaitReady(ctx); err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}
