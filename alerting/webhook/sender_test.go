package webhook_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/alerting/webhook"
	"burnline/internal/harness/faults"
	standin "burnline/internal/harness/webhook"
	"burnline/slo"
)

// noon is the clock of the senders under test.
var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// serve lets a stand-in listen and returns its address.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL + "/hook/s3cret"
}

// sender returns a sender to an address.
func sender(t *testing.T, url string, change ...func(*webhook.Config)) *webhook.Sender {
	t.Helper()
	c := webhook.DefaultConfig()
	c.URL = post.Secret(url)
	for _, f := range change {
		f(&c)
	}
	s, err := webhook.New(c, webhook.Options{Now: clock, ExternalURL: "https://b.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// page is a row of an SLO's incident as the router writes it.
func page(a alerting.Action) alerting.Row {
	return alerting.Row{Key: "k1", Receiver: "oncall", Integration: "webhook/0", Action: a, CreatedAt: noon, Message: alerting.Message{
		Summary: "Buying: 1 in 4 requests fails.", Severity: slo.Page, Source: "checkout", Component: "availability", Class: "availability",
		Time:        noon.Add(-2 * time.Minute),
		Links:       []alerting.Link{{Text: "SLO", Href: "https://b.example.com/slo/a/b"}},
		Details:     []alerting.Detail{{Name: "bad events", Value: "1 of 4"}, {Name: "team", Value: "payments"}},
		Labels:      slo.NewLabels("alertname", "availability", "slo", "checkout/availability", "severity", "page", "team", "payments"),
		Annotations: map[string]string{"runbook": "https://runbooks.example.com", "summary": "the owners' own"},
	}}
}

func send(t *testing.T, s *webhook.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, "s3cret") || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows a secret, is empty or has several lines: %q", r.Answer)
	}
	return r
}

func TestAnIncidentIsOneAlertOfAlertmanagersForm(t *testing.T) {
	server := standin.New(standin.Options{})
	s := sender(t, serve(t, server))
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionResolve} {
		if r := send(t, s, page(a)); r.Verdict != alerting.VerdictAccepted || r.Answer != "204 No Content" {
			t.Fatalf("%s: %+v", a, r)
		}
	}
	labels := map[string]string{"alertname": "availability", "slo": "checkout/availability", "severity": "page", "team": "payments"}
	notes := map[string]string{"runbook": "https://runbooks.example.com", "summary": "Buying: 1 in 4 requests fails.", "description": "bad events: 1 of 4\nteam: payments"}
	want := standin.Message{
		Receiver: "oncall", Status: "firing", NotificationReason: "trigger", ExternalURL: "https://b.example.com", Version: "4", GroupKey: "k1",
		GroupLabels:  map[string]string{"alertname": "availability", "slo": "checkout/availability", "severity": "page"},
		CommonLabels: labels, CommonAnnotations: notes, RouteLabels: map[string]string{},
		Alerts: []standin.Alert{{Status: "firing", Labels: labels, Annotations: notes, StartsAt: noon.Add(-2 * time.Minute),
			GeneratorURL: "https://b.example.com/slo/a/b", Fingerprint: "0b4e7e0a4e8f3b1a"}},
	}
	got := server.Messages()
	want.Alerts[0].Fingerprint = got[0].Alerts[0].Fingerprint
	if !reflect.DeepEqual(got[0], want) || len(want.Alerts[0].Fingerprint) != 16 {
		t.Errorf("got  %+v\nwant %+v", got[0], want)
	}
	if end := got[1]; end.Status != "resolved" || end.Alerts[0].Status != "resolved" || !end.Alerts[0].EndsAt.Equal(noon) ||
		end.GroupKey != "k1" || end.Alerts[0].Fingerprint != want.Alerts[0].Fingerprint {
		t.Errorf("the end is %+v", end)
	}
}

// group is a row of a group of two outside alerts, one of which is over.
func group() alerting.Row {
	row := page(alerting.ActionUpdate)
	row.Message.Class, row.Message.Labels = "alert", slo.NewLabels("job", "api", "severity", "page")
	row.Alerts = []alerting.AlertStatus{
		{Status: alerting.AlertFiring, Labels: slo.NewLabels("alertname", "Down", "job", "api", "instance", "a", "severity", "page"),
			Annotations: map[string]string{"summary": "it is down", "on": "a"}, StartsAt: noon, GeneratorURL: "http://prom/a", Fingerprint: "1111"},
		{Status: alerting.AlertResolved, Labels: slo.NewLabels("alertname", "Down", "job", "api", "instance", "b", "severity", "page"),
			Annotations: map[string]string{"summary": "it is down", "on": "b"}, StartsAt: noon, EndsAt: noon.Add(time.Minute), Fingerprint: "2222"},
	}
	return row
}

func TestAGroupOfOutsideAlertsShowsThemAndWhatTheyHaveInCommon(t *testing.T) {
	server := standin.New(standin.Options{})
	s := sender(t, serve(t, server))
	send(t, s, group())
	m := server.Messages()[0]
	if m.Status != "firing" || len(m.Alerts) != 2 || m.Alerts[1].Status != "resolved" || m.Alerts[1].Fingerprint != "2222" ||
		!reflect.DeepEqual(m.GroupLabels, map[string]string{"job": "api", "severity": "page"}) ||
		!reflect.DeepEqual(m.CommonLabels, map[string]string{"alertname": "Down", "job": "api", "severity": "page"}) ||
		!reflect.DeepEqual(m.CommonAnnotations, map[string]string{"summary": "it is down"}) {
		t.Errorf("got %+v", m)
	}
}

func TestMaxAlertsLeavesAlertsOutAndCountsThem(t *testing.T) {
	server := standin.New(standin.Options{})
	s := sender(t, serve(t, server), func(c *webhook.Config) { c.MaxAlerts = 1 })
	send(t, s, group())
	if m := server.Messages()[0]; len(m.Alerts) != 1 || m.TruncatedAlerts != 1 {
		t.Errorf("got %+v", m)
	}
}

func TestASecretSignsBodyAndTime(t *testing.T) {
	server := standin.New(standin.Options{Secret: "s3cret-of-both", Now: clock})
	url := serve(t, server)
	s := sender(t, url, func(c *webhook.Config) { c.HMACSecret = "s3cret-of-both" })
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	for _, wrong := range []post.Secret{"", "another"} {
		s := sender(t, url, func(c *webhook.Config) { c.HMACSecret = wrong })
		if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictRefused {
			t.Errorf("with secret %q got %+v", wrong, r)
		}
	}
	if got := webhook.Sign("It's a Secret", time.Unix(1700000000, 0), []byte("Hello, World!")); got != "v1=717de7ef5485823e5e7ef68efa090450ca5df4b71fba359569a97ba18ef46e55" {
		t.Errorf("signature is %s", got)
	}
}

func TestAnswers(t *testing.T) {
	accepted, retry, refused := alerting.VerdictAccepted, alerting.VerdictRetry, alerting.VerdictRefused
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  alerting.Result
	}{
		{"any 2xx is acceptance", faults.Answer(202, "queued"), alerting.Result{Verdict: accepted, Answer: "202 queued"}},
		{"400 is final", faults.Answer(400, "no\nsuch thing"), alerting.Result{Verdict: refused, Answer: "400 no such thing"}},
		{"413 is final", faults.Answer(413, ""), alerting.Result{Verdict: refused, Answer: "413 Request Entity Too Large"}},
		{"429 with seconds", faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "17"}}, alerting.Result{Verdict: retry, RetryAfter: 17 * time.Second, Answer: "429 Too Many Requests"}},
		{"404 may be put right", faults.Answer(404, ""), alerting.Result{Verdict: retry, Answer: "404 Not Found; check the url, what signs in to it, and any proxy"}},
		{"401 may be put right", faults.Answer(401, ""), alerting.Result{Verdict: retry, Answer: "401 Unauthorized; check the url, what signs in to it, and any proxy"}},
		{"503", faults.Answer(503, ""), alerting.Result{Verdict: retry, Answer: "503 Service Unavailable"}},
		{"a redirect is not followed", faults.Fault{Status: 302, Header: map[string]string{"Location": "http://127.0.0.1:1/"}},
			alerting.Result{Verdict: retry, Answer: "302 Found; redirects are not followed, as they would pass secrets on: set the url to the address itself"}},
		{"a cut connection", faults.Fault{Cut: true}, alerting.Result{Verdict: retry, Answer: "no answer from the webhook: EOF"}},
		{"an answer that shows its address", faults.Answer(500, "at /hook/s3cret"), alerting.Result{Verdict: retry, Answer: "500 at <hidden>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := standin.New(standin.Options{})
			server.Script.Add(c.fault)
			if got := send(t, sender(t, serve(t, server)), page(alerting.ActionTrigger)); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestHTTPConfigSignsInOverTLS(t *testing.T) {
	inner := standin.New(standin.Options{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "pa55" || r.Header.Get("X-Scope") != "a" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ca, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	write(t, password, []byte("pa55\n"))
	file := "url: " + server.URL + "/\nhttp_config:\n  basic_auth: {username: me, password_file: " + password + "}\n" +
		"  tls_config: {ca_file: " + ca + "}\n  http_headers: {X-Scope: {values: [a]}}\n"
	var c webhook.Config
	if err := yaml.Unmarshal([]byte(file), &c); err != nil {
		t.Fatal(err)
	}
	s, err := webhook.New(c, webhook.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	write(t, password, []byte("changed"))
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictRetry || !strings.HasPrefix(r.Answer, "401") {
		t.Errorf("with a wrong password got %+v", r)
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDestinationsAreTheSameForTheSameFarEndAndHoldNoSecret(t *testing.T) {
	a, again := sender(t, "https://h.example.com/s3cret/a").Destination(), sender(t, "https://h.example.com/s3cret/a").Destination()
	other := sender(t, "https://h.example.com/s3cret/b").Destination()
	if a != again || a == other || strings.Contains(a.Name, "s3cret") {
		t.Errorf("destinations are %v, %v and %v", a, again, other)
	}
}

func TestAPayloadOfTheUsersOwnTakesThePlaceOfAlertmanagers(t *testing.T) {
	templates, findings := render.Load(render.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, c := range []struct {
		name, payload, want string
		errors              int
	}{
		{"texts and structure", "{text: '{{ .Status }}', n: 3, of: ['{{ .CommonLabels.team }}'], alerts: '{{ .Alerts | len }}'}", `{"alerts":1,"n":3,"of":["payments"],"text":"firing"}`, 0},
		{"a template that fails", "{text: '{{ .Nothing }}'}", `"templateError":"A template of yours fails`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := standin.New(standin.Options{})
			server.Script.Add(faults.Answer(200, "ok"))
			config := webhook.Config{URL: post.Secret(serve(t, server))}
			if err := yaml.Unmarshal([]byte("payload: "+c.payload), &config); err != nil {
				t.Fatal(err)
			}
			s, err := webhook.New(config, webhook.Options{Render: templates.Text})
			if err != nil {
				t.Fatal(err)
			}
			if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != c.errors {
				t.Errorf("got %+v", r)
			}
			if got := string(server.Requests()[0].Body); !strings.Contains(got, c.want) {
				t.Errorf("got %s", got)
			}
		})
	}
}
