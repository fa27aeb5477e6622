// Package backends runs the metric systems of others for tests and
// benchmarks, as Debian packages them: prometheus, victoria-metrics and
// prometheus-alertmanager, each on a free port with a folder of its own.
package backends

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// Backend is a running system.
type Backend struct {
	// URL is its address, without a path.
	URL string
	// WriteURL takes remote write; QueryURL stands before /api/v1/query.
	WriteURL, QueryURL string
	// Process is the running program.
	Process *harness.Process

	flush string
}

// Prometheus starts a Prometheus that takes remote write, native histograms and
// samples up to a day out of order. Its data is kept in dir.
func Prometheus(ctx context.Context, dir string) (*Backend, error) {
	return PrometheusWith("")(ctx, dir)
}

// PrometheusWith returns a starter like Prometheus with more configuration, as YAML.
func PrometheusWith(more string) func(ctx context.Context, dir string) (*Backend, error) {
	return func(ctx context.Context, dir string) (*Backend, error) { return startPrometheus(ctx, dir, more) }
}

func startPrometheus(ctx context.Context, dir, more string) (*Backend, error) {
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(more+"storage:\n  tsdb:\n    out_of_order_time_window: 1d\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write the configuration of Prometheus: %w", err)
	}
	return start(ctx, "prometheus", "/-/ready", func(address string) []string {
		return []string{
			"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
			"--web.listen-address=" + address, "--web.enable-remote-write-receiver", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s",
			"--enable-feature=native-histograms,exemplar-storage", "--log.level=warn",
		}
	})
}

// VictoriaMetrics starts a VictoriaMetrics whose data is kept in dir.
func VictoriaMetrics(ctx context.Context, dir string) (*Backend, error) {
	return startVictoria(ctx, dir, harness.FreeAddress)
}

// VictoriaMetricsAt returns a starter like VictoriaMetrics at an address of harness.FreeAddress, which others were told before.
func VictoriaMetricsAt(address string) func(ctx context.Context, dir string) (*Backend, error) {
	return func(ctx context.Context, dir string) (*Backend, error) {
		return startVictoria(ctx, dir, func(context.Context) (string, error) { return address, nil })
	}
}

func startVictoria(ctx context.Context, dir string, at func(context.Context) (string, error)) (*Backend, error) {
	b, err := startAt(ctx, "victoria-metrics", "/health", at, func(address string) []string {
		return []string{
			"-storageDataPath=" + filepath.Join(dir, "data"), "-httpListenAddr=" + address,
			"-retentionPeriod=1y", "-loggerLevel=ERROR",
		}
	})
	if err != nil {
		return nil, err
	}
	b.flush = b.URL + "/internal/force_flush"
	return b, nil
}

// Alertmanager starts an Alertmanager on its own, with one receiver that
// goes nowhere. Its data is kept in dir.
func Alertmanager(ctx context.Context, dir string) (*Backend, error) {
	return AlertmanagerWith("route: {receiver: none}\nreceivers: [{name: none}]\n")(ctx, dir)
}

// AlertmanagerWith returns a starter like Alertmanager with a configuration, as YAML.
func AlertmanagerWith(text string) func(ctx context.Context, dir string) (*Backend, error) {
	return func(ctx context.Context, dir string) (*Backend, error) { return startAlertmanager(ctx, dir, text) }
}

func startAlertmanager(ctx context.Context, dir, text string) (*Backend, error) {
	config := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the configuration of Alertmanager: %w", err)
	}
	return start(ctx, "prometheus-alertmanager", "/-/ready", func(address string) []string {
		return []string{
			"--config.file=" + config, "--storage.path=" + filepath.Join(dir, "data"),
			"--web.listen-address=" + address, "--cluster.listen-address=", "--log.level=warn",
		}
	})
}

// start starts a program on a free port.
func start(ctx context.Context, name, ready string, args func(address string) []string) (*Backend, error) {
	return startAt(ctx, name, ready, harness.FreeAddress, args)
}

// startAt starts a program at an address and waits until it is ready. Another
// program may take the port first, so it is tried three times.
func startAt(ctx context.Context, name, ready string, at func(context.Context) (string, error), args func(address string) []string) (*Backend, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not installed; on Debian: apt-get install %s", name, name)
	}
	for attempt := 1; ; attempt++ {
		address, err := at(ctx)
		if err != nil {
			return nil, err
		}
		url := "http://" + address
		p := &harness.Process{Command: append([]string{path}, args(address)...), Ready: url + ready}
		if err := p.Start(); err != nil {
			return nil, err
		}
		if err = p.WaitReady(ctx); err == nil {
			return &Backend{URL: url, WriteURL: url + "/api/v1/write", QueryURL: url, Process: p}, nil
		}
		p.Kill()
		if attempt == 3 || ctx.Err() != nil {
			return nil, fmt.Errorf("start %s: %w", name, err)
		}
	}
}

// Reload makes a Prometheus read its configuration and rule files again.
func (b *Backend) Reload(ctx context.Context) error {
	return ask(ctx, http.MethodPost, b.URL+"/-/reload", "reload the backend")
}

// Settle makes everything that was written readable now, where the system
// would take a moment by itself.
func (b *Backend) Settle(ctx context.Context) error {
	if b.flush == "" {
		return nil
	}
	return ask(ctx, http.MethodGet, b.flush, "flush the backend")
}

// ask sends a request that is answered with success or nothing; act says what it does.
func ask(ctx context.Context, method, url, act string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode/100 != 2 {
		return errors.New(act + ": answered " + resp.Status)
	}
	return nil
}

// Run starts a system for a test and ends it with the test; a system that is
// not installed fails the test.
func Run(t testing.TB, start func(ctx context.Context, dir string) (*Backend, error)) *Backend {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	b, err := start(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Process.Kill)
	return b
}
