package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"burnline/bench/internal/rig"
	"burnline/internal/harness"
)

// server is one program that is measured.
type server struct {
	name    string
	process *harness.Process
	// write takes remote write, metrics are the program's own.
	write, metrics string
	burnline       *rig.Burnline // nil for Prometheus
}

// newBurnline prepares a Burnline on shared history, with or without SLOs.
func newBurnline(ctx context.Context, o options, dir, name, history string, slos map[string]string) (*server, error) {
	if err := share(history, filepath.Join(dir, "data", "metrics")); err != nil {
		return nil, err
	}
	extra := fmt.Sprintf("data: %q\nslos: [%q]\n", filepath.Join(dir, "data"), filepath.Join(dir, "slos"))
	if err := os.MkdirAll(filepath.Join(dir, "slos"), 0o750); err != nil {
		return nil, fmt.Errorf("make a folder for SLOs: %w", err)
	}
	b, err := rig.Prepare(ctx, o.burnline, dir, extra, slos)
	if err != nil {
		return nil, err
	}
	base := "http://" + b.Web
	return &server{name: name, process: b.Process, write: base + "/prometheus/api/v1/write", metrics: base + "/metrics", burnline: b}, nil
}

// newPrometheus prepares a Prometheus on shared history, with or without rules.
func newPrometheus(ctx context.Context, o options, dir, name, history, rules string) (*server, error) {
	if err := share(history, filepath.Join(dir, "data")); err != nil {
		return nil, err
	}
	config := "storage: {tsdb: {out_of_order_time_window: 1d}}\n"
	if rules != "" {
		config += "rule_files: [rules.yaml]\n"
	}
	for file, text := range map[string]string{"prometheus.yml": config, "rules.yaml": rules} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write the configuration of Prometheus: %w", err)
		}
	}
	address, err := harness.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	base := "http://" + address
	return &server{name: name, write: base + "/api/v1/write", metrics: base + "/metrics", process: &harness.Process{
		Command: []string{o.prometheus, "--config.file=" + filepath.Join(dir, "prometheus.yml"),
			"--storage.tsdb.path=" + filepath.Join(dir, "data"), "--storage.tsdb.retention.time=100d", "--web.listen-address=" + address,
			"--web.enable-remote-write-receiver", "--log.level=error", "--query.timeout=10m"},
		Ready: base + "/-/ready",
	}}, nil
}

// start starts the server and waits until it is ready.
func (s *server) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.process.WaitReady(ctx)
}

// waitFilled waits until Burnline has read the history of all SLOs.
func (s *server) waitFilled(ctx context.Context) error {
	return harness.Poll(ctx, 100*time.Millisecond, func() (bool, error) {
		n, err := s.sum(ctx, "burnline_engine_filling_slos")
		return n == 0, err
	})
}

// sum returns the sum of one of the server's own metrics over its series.
func (s *server) sum(ctx context.Context, name string) (float64, error) {
	return s.figure(ctx, name, func(m *dto.Metric) float64 {
		return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetHistogram().GetSampleSum()
	})
}

// count returns how many observations one of the server's histograms has.
func (s *server) count(ctx context.Context, name string) (float64, error) {
	return s.figure(ctx, name, func(m *dto.Metric) float64 { return float64(m.GetHistogram().GetSampleCount()) })
}

func (s *server) figure(ctx context.Context, name string, of func(*dto.Metric) float64) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, nil)
	if err != nil {
		return 0, fmt.Errorf("build request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("read the metrics of %s: %w", s.name, err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("read the metrics of %s: %w", s.name, err)
	}
	var total float64
	for _, m := range families[name].GetMetric() {
		total += of(m)
	}
	return total, nil
}

// figures are what a server used in one stretch of time.
type figures struct {
	cpu            time.Duration
	own, rss, peak int64
}

func (s *server) use() (f figures, err error) {
	pid := s.process.PID()
	var errs [4]error
	f.cpu, errs[0] = rig.CPU(pid)
	f.rss, errs[1] = rig.RSS(pid)
	f.own, errs[3] = rig.Anonymous(pid)
	f.peak, errs[2] = rig.PeakMemory(pid)
	return f, errors.Join(errs[:]...)
}

// known returns how many SLOs Burnline shows with a state that rests on events.
func (s *server) known(ctx context.Context) (n int, err error) {
	var answer struct {
		SLOs []json.RawMessage `json:"slos"`
	}
	if err := s.burnline.GetJSON(ctx, "/api/v1/slos", &answer); err != nil {
		return 0, err
	}
	for _, raw := range answer.SLOs {
		var one struct {
			Statuses []struct {
				State string `json:"state"`
			} `json:"statuses"`
		}
		if err := json.Unmarshal(raw, &one); err != nil {
			return 0, fmt.Errorf("decode an SLO: %w", err)
		}
		for _, st := range one.Statuses {
			if st.State == "ok" || st.State == "burning" || st.State == "spent" {
				n++
				break
			}
		}
	}
	return n, nil
}
