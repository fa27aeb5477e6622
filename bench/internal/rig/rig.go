// Package rig runs the real burnline binary for benchmarks.
package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"burnline/internal/harness"
)

// Burnline is a running burnline.
type Burnline struct {
	// Web, GRPC and HTTP are its addresses, as host:port: UI and APIs, OTLP over
	// gRPC, OTLP over HTTP.
	Web, GRPC, HTTP string
	Process         *harness.Process
}

// Prepare writes a configuration into dir and returns a burnline that is not
// started yet. extra is added to burnline.yaml; slos are files below slos/, by name.
func Prepare(ctx context.Context, binary, dir, extra string, slos map[string]string) (*Burnline, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", binary, err)
	}
	b := &Burnline{}
	for _, a := range []*string{&b.Web, &b.GRPC, &b.HTTP} {
		if *a, err = harness.FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	config := fmt.Sprintf("server: {listen: %q}\ncollector: {otlp: {grpc: %q, http: %q}}\n%s", b.Web, b.GRPC, b.HTTP, extra)
	files := map[string]string{"burnline.yaml": config}
	for name, text := range slos {
		files[filepath.Join("slos", name)] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("write the configuration: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write the configuration: %w", err)
		}
	}
	b.Process = &harness.Process{
		Command: []string{binary, "serve", "--config", filepath.Join(dir, "burnline.yaml")},
		Ready:   "http://" + b.Web + "/-/ready",
	}
	return b, nil
}

// Stop ends the program and removes nothing.
func (b *Burnline) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := b.Process.Stop(ctx)
	return err
}

// GetJSON reads a path of the web server.
func (b *Burnline) GetJSON(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.Web+path, nil)
	if err != nil {
		return fmt.Errorf("build request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask burnline: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask burnline for %s: answered %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("decode %s: %w", path, err)
	}
	return nil
}

// Wait waits for d or until ctx ends.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Median returns the middle of the values, NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
