package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"burnline/internal/harness/backends"
)

// remote returns what starts the backend that metrics are kept in, nil for the
// embedded store; false for a backend that there is not.
func (o options) remote() (func(context.Context, string) (*backends.Backend, error), bool) {
	switch o.backend {
	case "embedded":
		return nil, true
	case "prometheus":
		return backends.Prometheus, true
	case "victoria-metrics":
		return backends.VictoriaMetrics, true
	}
	return nil, false
}

// startBackend starts where metrics are kept, and returns what burnline.yaml says of
// it and how to end it.
func (o options) startBackend(ctx context.Context) (config string, end func(), err error) {
	launch, _ := o.remote()
	if launch == nil {
		return "", func() {}, nil
	}
	dir, err := os.MkdirTemp("", "burnline-page-backend-")
	if err != nil {
		return "", nil, fmt.Errorf("make a data folder: %w", err)
	}
	b, err := launch(ctx, dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	end = func() {
		b.Process.Kill()
		_ = os.RemoveAll(dir)
	}
	return fmt.Sprintf("metrics: {remote: {write_url: %q, query_url: %q}}\n", b.WriteURL, b.QueryURL), end, nil
}
