package amapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/harness/silencestore"
	"burnline/internal/harness/stalled"
	"burnline/slo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is the API over silences in memory, a router that remembers, and alerts as tests put them.
type desk struct {
	t     *testing.T
	url   string
	store silencestore.Store
	reg   *prometheus.Registry
	views []alerting.AlertView
	asked alerting.AlertFilter

	mu    sync.Mutex
	taken []slo.Alert
	err   error
}

func (d *desk) Alerts(_ context.Context, alerts []slo.Alert) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.taken = append(d.taken, alerts...)
	}
	return d.err
}

func (d *desk) ListAlerts(_ context.Context, f alerting.AlertFilter) ([]alerting.AlertView, error) {
	d.asked = f
	return d.views, d.err
}

func (d *desk) ListAlertGroups(_ context.Context, f alerting.AlertFilter) ([]alerting.AlertGroupView, error) {
	d.asked = f
	return []alerting.AlertGroupView{{AlertGroup: alerting.AlertGroup{Receiver: "oncall", Labels: slo.NewLabels("alertname", "DiskFull")}, Alerts: d.views}}, d.err
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, reg: prometheus.NewRegistry()}
	ids := 0
	keeper, err := silences.New(silences.Options{
		Store: &d.store, Limits: silences.DefaultLimits, Changed: func([]alerting.Silence) {}, Now: func() time.Time { return noon },
		NewID: func() string { ids++; return fmt.Sprintf("5f3c0000-0000-4000-8000-%012d", ids) },
		World: func(context.Context, time.Time) (silences.World, error) {
			w := silences.World{}
			for i := range 8 {
				w.Definitions = append(w.Definitions, &slo.Definition{ID: fmt.Sprint("shop/", i), Name: fmt.Sprint(i), Service: "shop"})
			}
			return w, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := alerting.Config{
		Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}, {Name: "chat"}},
		Route: alerting.Route{Receiver: "oncall", GroupBy: alerting.Grouping{Each: true}, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
			Routes: []alerting.Route{{Receiver: "chat", Matchers: matchers(t, `team="web"`), Mute: []string{"nights"}, GroupBy: alerting.Grouping{Labels: []string{"service"}}}}},
		Inhibit:   []alerting.InhibitRule{{Source: matchers(t, `severity="page"`), Target: matchers(t, `severity="ticket"`), Equal: []string{"service"}}},
		Intervals: map[string][]timeinterval.TimeInterval{"nights": {{Times: []timeinterval.TimeRange{{StartMinute: 0, EndMinute: 360}}}}},
	}
	h, err := New(Options{Router: d, Reader: d, Silences: keeper, Config: func() *alerting.Config { return &config }, Version: "1.2.3", Started: noon,
		Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), Registerer: d.reg, MaxBody: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	d.url = server.URL + "/alertmanager/api/v2"
	return d
}

func matchers(t *testing.T, texts ...string) labels.Matchers {
	t.Helper()
	var all labels.Matchers
	for _, text := range texts {
		m, err := silences.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// ask sends a request and returns status and body.
func (d *desk) ask(method, path, body string) (int, string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") == "" {
		d.t.Errorf("%s %s answers 503 and does not say when to come again", method, path)
	}
	return resp.StatusCode, strings.TrimSpace(string(answer))
}

func TestAlertsAreTakenAndTheWrongOnesNamed(t *testing.T) {
	const sound = `{"labels": {"alertname": "DiskFull", "severity": "critical", "empty": ""}, "annotations": {"summary": "full"},
		"startsAt": "2026-03-01T11:00:00.5+01:00", "generatorURL": "http://prometheus/graph"}`
	for _, c := range []struct {
		name, body string
		status     int
		want       string
		taken      int
	}{
		{"one", "[" + sound + "]", http.StatusOK, "", 1},
		{"none", "[]", http.StatusOK, "", 0},
		{"one that ended, and began when nobody knows", `[{"labels": {"alertname": "a"}, "endsAt": "2026-03-01T11:00:00Z", "startsAt": "0001-01-01T00:00:00Z"}]`, http.StatusOK, "", 1},
		{"a sound one beside wrong ones", "[" + sound + `, {}, {"labels": {"": "x"}}, {"labels": {"alertname": "late"}, "startsAt": "2026-03-01T11:00:00Z", "endsAt": "2026-03-01T10:00:00Z"}]`,
			http.StatusBadRequest, `"at least one label pair required\ninvalid label set`, 1},
		{"an empty name of an annotation", `[{"labels": {"alertname": "a"}, "annotations": {"": "x"}}]`, http.StatusBadRequest, `"invalid annotations`, 0},
		{"no JSON", "[", http.StatusBadRequest, `"parsing alerts body failed`, 0},
		{"no list", "{}", http.StatusBadRequest, `"parsing alerts body failed`, 0},
		{"a time that is none", `[{"labels": {"alertname": "a"}, "startsAt": "noon"}]`, http.StatusBadRequest, `"parsing alerts body failed`, 0},
		{"nothing", "null", http.StatusOK, "", 0},
		{"half a list", "[" + sound, http.StatusBadRequest, `"parsing alerts body failed`, 0},
		{"a text", `"x"`, http.StatusBadRequest, `no list of alerts`, 0},
		{"many wrong ones", "[" + strings.Repeat("{},", 99) + sound + "]", http.StatusBadRequest, `and 79 more alerts`, 1},
		{"two lists", "[] []", http.StatusBadRequest, `more than one`, 0},
		{"a flood", `[{"labels": {"alertname": "` + strings.Repeat("x", 70<<10) + `"}}]`, http.StatusRequestEntityTooLarge, `"the body is longer than 65536 bytes`, 0},
	} {
		d := newDesk(t)
		status, body := d.ask("POST", "/alerts", c.body)
		if status != c.status || !strings.Contains(body, c.want) || len(d.taken) != c.taken {
			t.Errorf("%s: %d %s, %d taken; want %d %q, %d", c.name, status, body, len(d.taken), c.status, c.want, c.taken)
		}
		for _, a := range d.taken {
			if a.Origin != alerting.OriginAPI || a.Labels.Get("alertname") == "" {
				t.Errorf("%s: taken is %+v", c.name, a)
			}
		}
	}
}

func TestWhatAnAlertSaysArrivesWhole(t *testing.T) {
	d := newDesk(t)
	d.ask("POST", "/alerts", `[{"labels": {"b": "2", "alertname": "DiskFull", "empty": ""}, "annotations": {"summary": "full", "none": ""},
		"startsAt": "2026-03-01T11:00:00.5+01:00", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p/g", "extra": 1}]`)
	if len(d.taken) != 1 {
		t.Fatalf("taken are %+v", d.taken)
	}
	a := d.taken[0]
	if a.Labels.String() != `{alertname="DiskFull", b="2"}` || a.Annotations["summary"] != "full" || a.GeneratorURL != "http://p/g" ||
		!a.StartsAt.Equal(time.Date(2026, 3, 1, 10, 0, 0, 5e8, time.UTC)) || !a.EndsAt.IsZero() {
		t.Errorf("taken is %+v", a)
	}
}

func TestNothingIsAcceptedThatIsNotStored(t *testing.T) {
	d := newDesk(t)
	d.err = errors.New("the disk is full")
	if status, body := d.ask("POST", "/alerts", `[{"labels": {"alertname": "a"}}]`); status != http.StatusServiceUnavailable || body != `"the disk is full"` {
		t.Errorf("alerts: %d %s", status, body)
	}
	for _, path := range []string{"/alerts", "/alerts/groups"} {
		if status, _ := d.ask("GET", path, ""); status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", path, status)
		}
	}
	d.err = fmt.Errorf("alert 2: %w: too long", alerting.ErrBadAlert)
	if status, body := d.ask("POST", "/alerts", `[{"labels": {"alertname": "a"}}]`); status != http.StatusBadRequest || !strings.Contains(body, "alert 2: ") {
		t.Errorf("alerts of which one can't be taken: %d %s", status, body)
	}
	d.store.Break(errors.New("the store is away"))
	for _, c := range [][2]string{{"GET", "/silences"}, {"POST", "/silences"}, {"GET", "/silence/x"}, {"DELETE", "/silence/x"}} {
		if status, body := d.ask(c[0], c[1], silence(``)); status != http.StatusServiceUnavailable || body != `"the store is away"` {
			t.Errorf("%s %s: %d %s", c[0], c[1], status, body)
		}
	}
	if n, err := testutil.GatherAndCount(d.reg, "burnline_amapi_alerts_total"); err != nil || n != 3 {
		t.Errorf("%d outcomes are counted, %v", n, err)
	}
}

// silence is a sound one; more is added to it.
func silence(more string) string {
	return `{"matchers": [{"name": "service", "value": "cart", "isRegex": false}, {"name": "region", "value": "eu|us", "isRegex": true, "isEqual": false}],
		"startsAt": "2026-03-01T12:00:00Z", "endsAt": "2026-03-01T14:00:00Z", "createdBy": "ada", "comment": "deploy"` + more + `}`
}

func TestASilenceIsPostedReadChangedAndDeleted(t *testing.T) {
	d := newDesk(t)
	status, body := d.ask("POST", "/silences", silence(`, "annotations": {"burnline_until_resolved": "true", "burnline_ceiling": "0"}`))
	var made struct{ SilenceID string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusOK || made.SilenceID == "" {
		t.Fatalf("%d %s", status, body)
	}
	one := "/silence/" + made.SilenceID
	_, body = d.ask("GET", one, "")
	for _, part := range []string{
		`"status":{"state":"active"}`, `"createdBy":"ada"`, `"comment":"deploy"`, `"startsAt":"2026-03-01T12:00:00.000Z"`, `"endsAt":"2026-03-01T14:00:00.000Z"`,
		`{"isEqual":false,"isRegex":true,"name":"region","value":"eu|us"}`, `{"isEqual":true,"isRegex":false,"name":"service","value":"cart"}`,
		`"burnline_ceiling":"0"`, `"burnline_until_resolved":"true"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("it does not say %s: %s", part, body)
		}
	}
	// An older client sends it back without annotations, and a later end.
	longer := strings.Replace(silence(`, "id": "`+made.SilenceID+`"`), "T14:", "T16:", 1)
	if status, again := d.ask("POST", "/silences", longer); status != http.StatusOK || !strings.Contains(again, made.SilenceID) {
		t.Errorf("made longer: %d %s", status, again)
	}
	if _, body = d.ask("GET", one, ""); !strings.Contains(body, "T16:00") || !strings.Contains(body, `"burnline_until_resolved":"true"`) {
		t.Errorf("made longer it is %s", body)
	}
	for query, want := range map[string]bool{
		"": true, "?active=false": false, "?filter=service%3Dcart": true, "?filter=service%3D~cart": false, "?expired=false&pending=false": true,
		"?filter=service%3Dcart&filter=region!~%22eu%7Cus%22": true,
	} {
		if status, body := d.ask("GET", "/silences"+query, ""); status != http.StatusOK || strings.Contains(body, made.SilenceID) != want {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	if status, body := d.ask("DELETE", one, ""); status != http.StatusOK || body != "" {
		t.Errorf("ended: %d %s", status, body)
	}
	if _, body := d.ask("GET", "/silences?active=false", ""); !strings.Contains(body, `"state":"expired"`) {
		t.Errorf("what is over is not listed: %s", body)
	}
}

func TestAWrongRequestIsRefusedWithAString(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"no JSON", "POST", "/silences", "{", http.StatusBadRequest, "parsing silence body failed"},
		{"nothing in it", "POST", "/silences", "{}", http.StatusBadRequest, "matchers in body is required"},
		{"an end before the start", "POST", "/silences", strings.Replace(silence(""), "T14:", "T11:", 1), http.StatusBadRequest, "end time can't be in the past"},
		{"a month", "POST", "/silences", strings.Replace(silence(""), "03-01T14:", "04-01T14:", 1), http.StatusBadRequest, "longer than 7d"},
		{"no comment", "POST", "/silences", strings.Replace(silence(""), `"deploy"`, `""`, 1), http.StatusBadRequest, "reason: it is missing"},
		{"everything", "POST", "/silences", strings.Replace(silence(""), `"cart"`, `"shop"`, 1), http.StatusBadRequest, "it mutes 8 of 8 SLOs"},
		{"a matcher that is none", "POST", "/silences", strings.Replace(silence(""), `"eu|us"`, `"("`, 1), http.StatusBadRequest, "invalid matcher"},
		{"no matcher where one should be", "POST", "/silences", strings.Replace(silence(""), `[{`, `[null, {`, 1), http.StatusBadRequest, "a matcher is null"},
		{"a ceiling that is none", "POST", "/silences", silence(`, "annotations": {"burnline_ceiling": "high"}`), http.StatusBadRequest, "burnline_ceiling is a burn rate"},
		{"the ID of none", "POST", "/silences", silence(`, "id": "never-was"`), http.StatusNotFound, ""},
		{"one that never was", "GET", "/silence/never-was", "", http.StatusNotFound, ""},
		{"the end of one that never was", "DELETE", "/silence/never-was", "", http.StatusNotFound, ""},
		{"a flood", "POST", "/silences", silence(`, "x": "` + strings.Repeat("x", 70<<10) + `"`), http.StatusRequestEntityTooLarge, "longer than"},
		{"a filter that is none", "GET", "/silences?filter=(", "", http.StatusBadRequest, "bad matcher format"},
		{"a flag that is none", "GET", "/alerts?active=perhaps", "", http.StatusBadRequest, "boolean"},
		{"a receiver that is none", "GET", "/alerts?receiver=(", "", http.StatusBadRequest, "failed to parse receiver param"},
		{"a filter of groups that is none", "GET", "/alerts/groups?filter=(", "", http.StatusBadRequest, "bad matcher format"},
	} {
		status, body := d.ask(c.method, c.path, c.body)
		var text string
		if status != c.status || !strings.Contains(body, c.want) || c.want != "" && json.Unmarshal([]byte(body), &text) != nil {
			t.Errorf("%s: %d %s, want %d %q as a JSON string", c.name, status, body, c.status, c.want)
		}
	}
}

func TestWhatTheAPIDoesNotHaveIsAnsweredAsAlertmanagerDoes(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/nothing", http.StatusNotFound, `/nothing was not found`},
		{"PUT", "/alerts", http.StatusMethodNotAllowed, `/alerts has no such method, but GET, HEAD, POST`},
	} {
		var answer struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		}
		status, body := d.ask(c.method, c.path, "")
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != c.status || answer.Code != c.status || !strings.HasSuffix(answer.Message, c.want) {
			t.Errorf("%s %s: %d %s, %v; want %d and a message that ends in %q", c.method, c.path, status, body, err, c.status, c.want)
		}
	}
}

func TestAlertsAreListedWithWhatKeepsThemQuiet(t *testing.T) {
	d := newDesk(t)
	view := func(print string, fate alerting.Fate, by string) alerting.AlertView {
		v := alerting.AlertView{Updated: noon, AlertStatus: alerting.AlertStatus{
			Status: alerting.AlertFiring, Labels: slo.NewLabels("alertname", print), StartsAt: noon, Fingerprint: print, Annotations: map[string]string{"summary": "s"},
		}}
		if fate != "" {
			v.Places = []alerting.AlertPlace{{Receiver: "oncall", Decision: alerting.Decision{Fate: fate, By: by}}, {Receiver: "oncall", Decision: alerting.Decision{Fate: alerting.FateSend}}}
		}
		return v
	}
	d.views = []alerting.AlertView{
		view("e-new", "", ""), view("a-told", alerting.FateSend, ""), view("b-silenced", alerting.FateSilenced, "id-1"),
		view("c-inhibited", alerting.FateInhibited, "key-1"), view("d-muted", alerting.FateMuted, "nights"),
	}
	for query, want := range map[string]string{
		"":                                  "a-told b-silenced c-inhibited d-muted e-new",
		"?active=false":                     "b-silenced c-inhibited d-muted e-new",
		"?silenced=false&inhibited=false":   "a-told d-muted e-new",
		"?unprocessed=false&muted=false":    "a-told b-silenced c-inhibited",
		"?receiver=on.*&filter=a%3D%22b%22": "a-told b-silenced c-inhibited d-muted e-new",
	} {
		for _, path := range []string{"/alerts", "/alerts/groups"} {
			status, body := d.ask("GET", path+query, "")
			at := -1
			for _, print := range strings.Fields(want) {
				if i := strings.Index(body, `"fingerprint":"`+print); i < 0 || path == "/alerts" && i < at {
					t.Errorf("%s%s: %d, %s is missing or out of order in %s", path, query, status, print, body)
				} else {
					at = i
				}
			}
			if n := strings.Count(body, "fingerprint"); n != len(strings.Fields(want)) {
				t.Errorf("%s%s lists %d alerts: %s", path, query, n, body)
			}
		}
	}
	if d.ask("GET", "/alerts?receiver=on.*&filter=a%3D%22b%22", ""); len(d.asked.Matchers) != 1 || !d.asked.Receiver("oncall") || d.asked.Receiver("chat") {
		t.Errorf("the store was asked for %+v", d.asked)
	}
	_, body := d.ask("GET", "/alerts", "")
	for _, part := range []string{
		`"status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":["id-1"],"state":"suppressed"}`, `"state":"unprocessed"`, `"state":"active"`,
		`"receivers":[{"name":"oncall"}]`, `"mutedBy":["nights"]`, `"endsAt":"2026-03-01T12:05:00.000Z"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the list does not say %s: %s", part, body)
		}
	}
}

func TestASilenceIsShownWhereNobodyIsTold(t *testing.T) {
	d := newDesk(t)
	one := func(print, service string) alerting.AlertView {
		return alerting.AlertView{Updated: noon, AlertStatus: alerting.AlertStatus{
			Status: alerting.AlertFiring, Labels: slo.NewLabels("alertname", "a", "region", "at", "service", service), StartsAt: noon, Fingerprint: print,
		}}
	}
	d.views = []alerting.AlertView{one("quiet", "cart"), one("loud", "checkout")}
	d.views[0].Places = []alerting.AlertPlace{{Decision: alerting.Decision{Fate: alerting.FateSend}}}
	if status, body := d.ask("POST", "/silences", silence("")); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for query, want := range map[string]int{"": 2, "?silenced=false": 1} {
		_, body := d.ask("GET", "/alerts"+query, "")
		if strings.Count(body, `"state":"suppressed"`) != want-1 || strings.Count(body, `"silencedBy":[]`) != 1 || strings.Count(body, "fingerprint") != want {
			t.Errorf("%s: %s", query, body)
		}
	}
}

func TestStatusShowsTheConfigurationWithoutSecrets(t *testing.T) {
	d := newDesk(t)
	_, body := d.ask("GET", "/status", "")
	var s struct {
		Config      struct{ Original string }
		VersionInfo struct{ Version string }
		Cluster     struct{ Status string }
	}
	if err := json.Unmarshal([]byte(body), &s); err != nil || s.VersionInfo.Version != "1.2.3" || s.Cluster.Status != "disabled" {
		t.Errorf("%v: %s", err, body)
	}
	const want = `route:
    receiver: oncall
    group_by: ['...']
    group_interval: 5m
    repeat_interval: 4h
    routes:
        - receiver: chat
          group_by: [service]
          matchers:
            - team="web"
          mute_time_intervals:
            - nights
receivers:
    - name: oncall
    - name: chat
inhibit_rules:
    - source_matchers:
        - severity="page"
      target_matchers:
        - severity="ticket"
      equal: [service]
time_intervals:
    - name: nights
      time_intervals:
        - times:
            - start_time: "00:00"
              end_time: "06:00"
`
	if s.Config.Original != want {
		t.Errorf("the configuration is\n%s", s.Config.Original)
	}
	if _, body := d.ask("GET", "/receivers", ""); body != `[{"name":"oncall"},{"name":"chat"}]` {
		t.Errorf("the receivers are %s", body)
	}
}

func TestSmallAlertsByTheMillionAreNotReadWhole(t *testing.T) {
	body := strings.NewReader("[" + strings.Repeat("{},", 2*mostPosted) + "{}]")
	_, err := readAlerts(body)
	if statusOf(err) != http.StatusRequestEntityTooLarge || body.Len() < mostPosted {
		t.Errorf("%v, with %d bytes left", err, body.Len())
	}
}

func TestReceiversHaveNoLabelsToAskFor(t *testing.T) {
	d := newDesk(t)
	for query, want := range map[string]int{"": 1, "team%3D%22web%22": 0, "team!%3D%22web%22": 1} {
		if query != "" {
			query = "?receiver_matchers=" + query
		}
		if status, body := d.ask("GET", "/receivers"+query, ""); status != http.StatusOK || min(1, strings.Count(body, `"name"`)) != want {
			t.Errorf("/receivers%s: %d %s", query, status, body)
		}
		d.ask("GET", "/alerts"+query, "")
		if takes := d.asked.Receiver == nil || d.asked.Receiver("oncall"); takes != (want == 1) {
			t.Errorf("/alerts%s asks for the receiver: %t", query, takes)
		}
	}
	if status, body := d.ask("GET", "/alerts?receiver_matchers=(", ""); status != http.StatusBadRequest || !strings.Contains(body, "receiver_matchers") {
		t.Errorf("%d %s", status, body)
	}
}

func FuzzReadAlerts(f *testing.F) {
	f.Add(`[{"labels": {"alertname": "a", "b": "\u0000"}, "annotations": {"c": "d"}, "startsAt": "2026-03-01T11:00:00Z", "endsAt": "", "generatorURL": "x"}]`)
	f.Add(`[{"labels": {"alertname": 1}}]`)
	f.Fuzz(func(t *testing.T, body string) {
		posted, err := readAlerts(strings.NewReader(body))
		if err != nil {
			return
		}
		for i := range posted {
			if a, err := posted[i].alert(); err == nil && (len(a.Labels) == 0 || !a.EndsAt.IsZero() && a.EndsAt.Before(a.StartsAt)) {
				t.Errorf("%q is taken as %+v", body, a)
			}
		}
	})
}

func FuzzReadSilence(f *testing.F) {
	f.Add(silence(`, "annotations": {"burnline_ceiling": "1e999"}`))
	f.Add(strings.Replace(silence(``), `[{`, `[null, {`, 1))
	f.Fuzz(func(t *testing.T, body string) {
		posted, err := readSilence(strings.NewReader(body))
		if err == nil {
			_, _ = requestOf(posted)
		}
	})
}

func TestSendersWhoStopWithinTheirBodyKeepNobodyElseFromSending(t *testing.T) {
	d := newDesk(t)
	server := strings.TrimSuffix(d.url, "/alertmanager/api/v2")
	stalled.Requests(t, 2*defaultMaxPosts, server, http.MethodPost, "/alertmanager/api/v2/alerts")
	if status, answer := d.ask(http.MethodPost, "/alerts", `[{"labels": {"alertname": "DiskFull"}}]`); status != http.StatusOK {
		t.Errorf("an alert is answered %d: %s", status, answer)
	}
}
