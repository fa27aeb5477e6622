package shadow

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting/shadow"
	"burnline/internal/harness"
)

// get reads a page.
func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// TestAnOutageIsToldByBothAndBurnlineIsEarlier runs the example with the real programs.
func TestAnOutageIsToldByBothAndBurnlineIsEarlier(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	up, ended := make(chan Running, 1), make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	go func() { ended <- Run(running, t.TempDir(), slog.New(slog.DiscardHandler), func(r Running) { up <- r }) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the example ended with %v", err)
		}
	}()
	var r Running
	select {
	case r = <-up:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	r.Shop.Failing.Store(true)
	var report shadow.Report
	err := harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) {
		body, err := get(ctx, r.Burnline+"/api/v1/shadow?days=2")
		if err != nil {
			return false, err
		}
		report = shadow.Report{}
		if err := json.Unmarshal([]byte(body), &report); err != nil {
			return false, err
		}
		return len(report.Days) > 0 && report.Days[0].Both == 1, nil
	})
	if err != nil {
		t.Fatalf("%v; the report is %+v", err, report)
	}
	line := report.Days[0].Lines[0]
	t.Logf("Burnline was %.1f s earlier: %s", line.Lead, line.Reason)
	if line.Subject != "checkout/availability" || line.Lead <= 0 || line.Old[0].Labels.Get("sloth_slo") != "availability" {
		t.Errorf("the line is %+v", line)
	}
	page, err := get(ctx, r.Burnline+"/shadow?days=2")
	if err != nil || !strings.Contains(page, "1 told by both") || !strings.Contains(page, "earlier") || !strings.Contains(page, `id="shadow-mode"`) {
		t.Errorf("%v; the page says\n%s", err, page)
	}
	incident, err := get(ctx, r.Burnline+"/api/v1/incidents/"+line.Burnline.Key)
	if err != nil || !strings.Contains(incident, "would have paged oncall") {
		t.Errorf("%v; the ledger says %s", err, incident)
	}
	if n := r.Shop.Pages.Load(); n != 0 {
		t.Errorf("%d messages were sent in shadow mode", n)
	}
}
