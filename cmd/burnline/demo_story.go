package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"burnline/examples/shop"
	"burnline/internal/app"
	"burnline/internal/demo"
	"burnline/slo"
)

// writeDemoConfig writes the shop's SLOs and a configuration that pages the
// stand-in and scrapes the server itself, and returns the configuration's path.
func writeDemoConfig(dir, standIn, web string) (string, error) {
	slos, err := shop.SLOs()
	if err != nil {
		return "", fmt.Errorf("find the shop's SLOs: %w", err)
	}
	if err := os.CopyFS(filepath.Join(dir, "slos"), slos); err != nil {
		return "", fmt.Errorf("write the shop's SLOs: %w", err)
	}
	config := filepath.Join(dir, "burnline.yaml")
	text := fmt.Sprintf(`slos: [%q]
scrape_configs: [{job_name: burnline, scrape_interval: 15s, static_configs: [{targets: [%q]}]}]
impact: {compare: [cloud.region, service.version, http.route, payment.method], currency: EUR}
alerting:
  receivers:
    - name: oncall
      pagerduty_configs: [{routing_key: %s, url: %q}]
  route: {receiver: oncall}
`, filepath.Join(dir, "slos"), web, demoKey, standIn)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write the demo's configuration: %w", err)
	}
	return config, nil
}

// tellStory opens the shop and tells the story until the command or the time is
// over. With --for, a story that did not come to its end is exit code 1.
func tellStory(cmd *cobra.Command, f demoFlags, at app.Addresses, standIn string, events <-chan demo.Event, server *serverRun, logger *slog.Logger) error {
	s, err := shop.New(shop.Options{OTLPEndpoint: at.OTLPGRPC, Logger: logger})
	if err != nil {
		return err
	}
	story := demo.New(demo.Options{
		Shop: s, Events: events, Out: cmd.OutOrStdout(), Coloured: demo.Coloured(cmd.OutOrStdout()),
		Mark: markIn(at.UI), Look: demoAddresses(at, standIn), Once: f.limit > 0,
	})
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if f.limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, f.limit)
		defer cancel()
	}
	shopEnded := make(chan error, 1)
	go func() {
		// A shop or a server that broke ends the story.
		defer cancel()
		shopEnded <- s.Run(ctx)
	}()
	go func() {
		select {
		case <-server.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	err = story.Run(ctx)
	cancel()
	err = errors.Join(err, <-shopEnded)
	if err == nil && f.limit > 0 {
		if missing := story.Missing(); missing != nil {
			return &exitError{code: exitFindings, err: missing}
		}
	}
	return err
}

// markIn tells a server of deploys, as a pipeline would by one request.
func markIn(address string) func(context.Context, demo.Deploy) error {
	return func(ctx context.Context, d demo.Deploy) error {
		body, err := json.Marshal(map[string]any{
			"kind": slo.ChangeDeploy, "service": d.Service, "version": d.Version, "title": d.Service + " " + d.Version, "by": "the demo",
			"labels": map[string]string{"region": d.Region},
		})
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/api/v1/changes", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode/100 != 2 {
			return fmt.Errorf("%s answered %s", req.URL, answer.Status)
		}
		return nil
	}
}

// demoAddresses are the places to look at while the story runs.
func demoAddresses(at app.Addresses, standIn string) []demo.Fact {
	return []demo.Fact{
		{Name: "overview", Text: at.UI + "/"},
		{Name: "the SLO that will hurt", Text: at.UI + "/slo/checkout/checkout-availability"},
		{Name: "incidents", Text: at.UI + "/incidents"},
		{Name: "how Burnline itself fares", Text: at.UI + "/system"},
		{Name: "Prometheus API, for Grafana", Text: at.UI + "/prometheus"},
		{Name: "PagerDuty stand-in", Text: standIn},
		{Name: "OTLP, for telemetry of yours", Text: at.OTLPGRPC + " (gRPC), http://" + at.OTLPHTTP + " (HTTP)"},
	}
}
