package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

const (
	routingKey     = "0123456789abcdef0123456789abcdef"
	teamKey        = "fedcba9876543210fedcba9876543210"
	exportInterval = 500 * time.Millisecond
	requestEvery   = 10 * time.Millisecond
	// mostAnswering is how long an answer of the server may take before it is asked again.
	mostAnswering = 30 * time.Second
)

// A window of an hour with policies of seconds makes the whole story last
// seconds: 14.4 = 4 % × 1h ÷ 10s.
const shortSLO = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  team: shop
  journey: buy
  objective: 99
  window: 1h
  sli:
    events:
      bad: 'shop_requests_total{job="shop",code="500"}'
      total: 'shop_requests_total{job="shop"}'
  alerting:
    resolve_after: 2s
    policies:
      - {severity: page, long: 10s, short: 2s, budget: 4%}
    annotations: {runbook: "https://runbooks.example.com/shop"}
`

// promise is shortSLO for a server with this configuration. A metric backend is asked every five seconds: a
// window that is shorter than that has no events at most moments, and shows neither a breach nor a recovery; and what
// stops to fire for a shorter time has perhaps not been looked at since.
func promise(more ...string) string {
	if strings.Contains(strings.Join(more, "\n"), "remote:") {
		return strings.NewReplacer("short: 2s", "short: 8s", "resolve_after: 2s", "resolve_after: 8s").Replace(shortSLO)
	}
	return shortSLO
}

// story is one run of the real program: customers, a server that can be killed,
// and a stand-in for PagerDuty.
type story struct {
	t         *testing.T
	dir       string
	web, grpc string
	otlp      string // over HTTP
	server    *harness.Process
	customers *harness.Customers
	stand     *pagerduty.Server
}

// newStory starts everything; at may put something before the stand-in and return its
// address, and more is added to the configuration.
func newStory(t *testing.T, at func(*story) string, more ...string) *story {
	t.Helper()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey, teamKey}})
	if at == nil {
		at = func(s *story) string { return listen(t, s.stand) + pagerduty.Path }
	}
	s.write("slos/shop.yaml", promise(more...))
	s.configure(fmt.Sprintf(`
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, at(s), routingKey), more...)
	s.start()
	s.serveCustomers()
	return s
}

// newPlace returns a folder, a server that is neither configured nor started, and a stand-in that nothing leads to yet.
func newPlace(t *testing.T, o pagerduty.Options) *story {
	t.Helper()
	s := &story{t: t, dir: t.TempDir(), web: freeAddress(t), grpc: freeAddress(t), otlp: freeAddress(t), stand: pagerduty.New(o)}
	s.server = s.process("serve", "--config", filepath.Join(s.dir, "burnline.yaml"), "--log-level", "info")
	t.Cleanup(func() {
		if s.server.Started() {
			s.server.Kill()
		}
		if t.Failed() {
			t.Logf("what the server printed:\n%s", s.server.Gist())
		}
	})
	return s
}

// configure writes burnline.yaml.
func (s *story) configure(alerting string, more ...string) {
	s.t.Helper()
	s.write("burnline.yaml", fmt.Sprintf("server: {listen: %q}\ncollector: {otlp: {grpc: %q, http: %q}}\n",
		s.web, s.grpc, s.otlp)+alerting+strings.Join(more, "\n"))
}

// serveCustomers makes steady requests until the test ends.
func (s *story) serveCustomers() {
	s.t.Helper()
	customers, err := harness.NewCustomers(s.t.Context(), s.grpc, exportInterval)
	if err != nil {
		s.t.Fatal(err)
	}
	s.customers = customers
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- customers.Run(ctx, requestEvery) }()
	s.t.Cleanup(func() {
		stop()
		<-done
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = customers.Close(ctx) // the server is gone already
	})
}

// process is the real program with the given arguments, run in the story's folder.
func (s *story) process(args ...string) *harness.Process {
	return &harness.Process{
		Command: append([]string{os.Args[0]}, args...),
		Env:     []string{childEnv + "=1"},
		Ready:   "http://" + s.web + "/-/ready",
	}
}

// start starts the server and waits until it is ready.
func (s *story) start() {
	s.t.Helper()
	if err := s.server.Start(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.server.WaitReady(s.soon()); err != nil {
		s.t.Fatal(err)
	}
}

// soon bounds a wait that only a defect lets run out.
func (s *story) soon() context.Context { return patience.Context(s.t) }

func (s *story) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// eventually waits until ok holds.
func (s *story) eventually(what string, ok func() bool) {
	s.t.Helper()
	if err := harness.Poll(s.soon(), 20*time.Millisecond, func() (bool, error) { return ok(), nil }); err != nil {
		s.t.Fatalf("%s: it never came (%v)\nincidents at the stand-in: %+v\nstatus: %+v", what, err, s.stand.Incidents(), s.statuses())
	}
}

// waitFor waits until a channel is closed.
func (s *story) waitFor(what string, closed <-chan struct{}) {
	s.t.Helper()
	select {
	case <-closed:
	case <-s.soon().Done():
		s.t.Fatalf("%s never came\nrequests at the stand-in: %d", what, len(s.stand.Requests()))
	}
}

// incidents counts the incidents at the stand-in, open and all.
func (s *story) incidents() (open, all int) {
	for _, in := range s.stand.Incidents() {
		all++
		if in.Status != pagerduty.Resolved {
			open++
		}
	}
	return open, all
}

// status is what the API says of one group.
type status struct {
	State  slo.State
	Reason string
	Budget struct{ Good, Total float64 }
}

// statuses asks the server's API; none while it is away.
func (s *story) statuses() []status {
	var answer struct{ Statuses []status }
	_ = s.get("/api/v1/slos/shop/availability", &answer)
	return answer.Statuses
}

// counted returns the events of the whole window as the engine counted them.
func (s *story) counted() slo.Counts {
	for _, st := range s.statuses() {
		return slo.Counts(st.Budget)
	}
	return slo.Counts{}
}

// storedTimes returns the times of all stored samples of the good requests.
func (s *story) storedTimes() map[int64]bool {
	s.t.Helper()
	var answer struct {
		Data struct {
			Result []struct {
				Values [][2]any `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	query := url.Values{"query": {`shop_requests_total{code="200"}[1h]`}}
	if err := s.get("/prometheus/api/v1/query?"+query.Encode(), &answer); err != nil {
		s.t.Fatal(err)
	}
	times := map[int64]bool{}
	for _, series := range answer.Data.Result {
		for _, v := range series.Values {
			if seconds, ok := v[0].(float64); ok {
				times[int64(seconds*1000+0.5)] = true
			}
		}
	}
	return times
}

func (s *story) get(path string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), mostAnswering)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.web+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := harness.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// body reads an answer to its end.
func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
