package pagerduty_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	standin "burnline/internal/harness/pagerduty"
	"burnline/slo"
)

// key is a routing key of the documented form.
const key = "0123456789abcdef0123456789ABCDEF"

// noon is the clock of the senders under test.
var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// pair returns a sender and the stand-in that it sends to.
func pair(t *testing.T, o standin.Options) (*pagerduty.Sender, *standin.Server) {
	t.Helper()
	server := standin.New(o)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return sender(t, server.URL()), server
}

// sender returns a sender to an address.
func sender(t *testing.T, url string) *pagerduty.Sender {
	t.Helper()
	c := pagerduty.DefaultConfig()
	c.RoutingKey, c.URL = key, url
	// Connections of its own, so that no test sees another's.
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s, err := pagerduty.New(c, pagerduty.Options{Now: func() time.Time { return noon }, Timeout: 30 * time.Second, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// page is a row as the router writes it.
func page(a alerting.Action) alerting.Row {
	return alerting.Row{Key: "k1", Receiver: "oncall", Integration: "pagerduty/0", Action: a, Message: alerting.Message{
		Summary: "Buying: 1 in 4 requests fails.", Severity: slo.Page, Source: "checkout", Component: "checkout-availability", Class: "availability",
		Time:    time.Date(2026, time.March, 3, 11, 58, 0, 0, time.UTC),
		Links:   []alerting.Link{{Text: "SLO", Href: "https://b.example.com/slo/a/b"}, {Text: "Runbook", Href: "https://runbooks.example.com"}},
		Details: []alerting.Detail{{Name: "zulu", Value: "first"}, {Name: "alpha", Value: "second"}, {Name: "zulu", Value: "again"}},
	}}
}

// send makes one attempt.
func send(t *testing.T, s *pagerduty.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, key) || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows the key, is empty or has several lines: %q", r.Answer)
	}
	return r
}

func TestAPageArrivesAsPagerDutyDocumentsIt(t *testing.T) {
	s, server := pair(t, standin.Options{Keys: []string{key}})
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted || r.Answer != "202 success: Event processed" {
		t.Errorf("got %+v", r)
	}
	want := `{"routing_key":"` + key + `","event_action":"trigger","dedup_key":"k1","client":"Burnline","client_url":"https://b.example.com/slo/a/b",` +
		`"payload":{"summary":"Buying: 1 in 4 requests fails.","source":"checkout","severity":"critical","timestamp":"2026-03-03T11:58:00Z",` +
		`"component":"checkout-availability","class":"availability","custom_details":{"zulu":"first","alpha":"second"}},` +
		`"links":[{"href":"https://b.example.com/slo/a/b","text":"SLO"},{"href":"https://runbooks.example.com","text":"Runbook"}]}`
	got := server.Requests()[0]
	if string(got.Body) != want {
		t.Errorf("sent\n%s\nwant\n%s", got.Body, want)
	}
	if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("User-Agent") != "burnline" {
		t.Errorf("header is %v", got.Header)
	}
}

// noted is a transport that notes where requests go.
type noted struct {
	to string
	*standin.Server
}

// RoundTrip implements http.RoundTripper.
func (n *noted) RoundTrip(r *http.Request) (*http.Response, error) {
	n.to = r.Method + " " + r.URL.String()
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestAnEventGoesToTheAddressThatIsConfigured(t *testing.T) {
	for _, url := range []string{pagerduty.DefaultURL, "https://events.eu.pagerduty.com/v2/enqueue"} {
		c, pd := pagerduty.DefaultConfig(), &noted{Server: standin.New(standin.Options{})}
		c.RoutingKey, c.URL = key, url
		s, err := pagerduty.New(c, pagerduty.Options{Transport: pd})
		if err != nil {
			t.Fatal(err)
		}
		if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted || pd.to != "POST "+url {
			t.Errorf("%+v, sent to %s, want %s", r, pd.to, url)
		}
	}
}

func TestTheLifeOfAnIncidentAtPagerDuty(t *testing.T) {
	s, server := pair(t, standin.Options{})
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionUpdate, alerting.ActionResolve} {
		if r := send(t, s, page(a)); r.Verdict != alerting.VerdictAccepted {
			t.Errorf("%s: %+v", a, r)
		}
	}
	got := server.Incidents()
	if len(got) != 1 || got[0].Status != standin.Resolved || got[0].Urgency != "high" || got[0].Notifications != 1 || len(got[0].Summaries) != 2 {
		t.Errorf("incidents are %+v", got)
	}
}

func TestATicketIsOfLowUrgency(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := page(alerting.ActionTrigger)
	row.Message.Severity = slo.Ticket
	send(t, s, row)
	if got := server.Incidents()[0]; got.Urgency != "low" || server.Events()[0].Event.Payload.Severity != "warning" {
		t.Errorf("incident is %+v", got)
	}
}

func TestAnswers(t *testing.T) {
	accepted, retry, refused := alerting.VerdictAccepted, alerting.VerdictRetry, alerting.VerdictRefused
	for _, c := range []struct {
		name  string
		fault standin.Fault
		want  alerting.Result
	}{
		{"202 with JSON is acceptance", standin.Answer(202, `{"status":"success"}`), alerting.Result{Verdict: accepted, Answer: "202 success"}},
		{"202 without JSON is not", standin.Answer(202, "ok"), alerting.Result{Verdict: retry, Answer: "202 ok; PagerDuty answers 202 with JSON, so a proxy may stand between"}},
		{"200 is the page of a proxy", standin.Answer(200, "<html>\nWelcome</html>"), alerting.Result{Verdict: retry, Answer: "200 <html> Welcome</html>; PagerDuty answers 202 with JSON, so a proxy may stand between"}},
		{"400 is final", standin.Answer(400, `{"status":"invalid event","message":"Event object is invalid","errors":["a","b"]}`),
			alerting.Result{Verdict: refused, Answer: "400 invalid event: Event object is invalid: a, b"}},
		{"400 for the key says what to do", standin.Answer(400, `{"status":"invalid event","errors":["invalid routing_key"]}`),
			alerting.Result{Verdict: refused, Answer: "400 invalid event: invalid routing_key; PagerDuty does not know the routing_key: copy the Integration Key of an Events API v2 integration and reload"}},
		{"429 with seconds", standin.Throttle("17"), alerting.Result{Verdict: retry, RetryAfter: 17 * time.Second, Answer: "429 throttle exceeded"}},
		{"429 with a date", standin.Throttle(noon.Add(time.Minute).Format(http.TimeFormat)), alerting.Result{Verdict: retry, RetryAfter: time.Minute, Answer: "429 throttle exceeded"}},
		{"429 with a date that is past", standin.Throttle(noon.Add(-time.Minute).Format(http.TimeFormat)), alerting.Result{Verdict: retry, Answer: "429 throttle exceeded"}},
		{"429 with nonsense", standin.Throttle("soon"), alerting.Result{Verdict: retry, Answer: "429 throttle exceeded"}},
		{"408", standin.Answer(408, ""), alerting.Result{Verdict: retry, Answer: "408 Request Timeout"}},
		{"500", standin.Answer(500, ""), alerting.Result{Verdict: retry, Answer: "500 Internal Server Error"}},
		{"503 with its time", standin.Fault{Status: 503, Header: map[string]string{"Retry-After": "5"}, Body: "[]"}, alerting.Result{Verdict: retry, RetryAfter: 5 * time.Second, Answer: "503 []"}},
		{"404 is not of PagerDuty", standin.Answer(404, "nothing here"), alerting.Result{Verdict: retry, Answer: "404 nothing here; this is not an answer of PagerDuty's Events API: check the url and any proxy"}},
		{"an answer that shows the key back", standin.Answer(400, `{"message":"bad key `+key+`"}`), alerting.Result{Verdict: refused, Answer: "400 bad key <hidden>"}},
		{"a cut connection", standin.Fault{Cut: true}, alerting.Result{Verdict: retry, Answer: "no answer from PagerDuty: EOF"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, server := pair(t, standin.Options{})
			server.Script(c.fault)
			if got := send(t, s, page(alerting.ActionTrigger)); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestNoPartOfTheKeyIsShownWhereALongAnswerIsCut(t *testing.T) {
	s, server := pair(t, standin.Options{})
	server.Script(standin.Answer(500, strings.Repeat("x", 380)+" "+key))
	if r := send(t, s, page(alerting.ActionTrigger)); strings.Contains(r.Answer, key[:8]) {
		t.Errorf("the answer shows a part of the key: %q", r.Answer)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	s, server := pair(t, standin.Options{})
	_, other := pair(t, standin.Options{})
	server.Script(standin.Fault{Status: 307, Header: map[string]string{"Location": other.URL()}})
	r := send(t, s, page(alerting.ActionTrigger))
	if r.Verdict != alerting.VerdictRetry || !strings.Contains(r.Answer, "redirects are not followed") || len(other.Requests()) != 0 {
		t.Errorf("got %+v; the other server saw %d requests", r, len(other.Requests()))
	}
}

func TestAKeyThatPagerDutyDoesNotKnowSaysWhatToDo(t *testing.T) {
	s, _ := pair(t, standin.Options{Keys: []string{strings.Repeat("x", 32)}})
	r := send(t, s, page(alerting.ActionTrigger))
	if r.Verdict != alerting.VerdictRefused || !strings.Contains(r.Answer, "copy the Integration Key") {
		t.Errorf("got %+v", r)
	}
}

func TestNobodyThereIsTriedAgain(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	r := send(t, sender(t, server.URL), page(alerting.ActionTrigger))
	if r.Verdict != alerting.VerdictRetry || !strings.Contains(r.Answer, "connection refused") || strings.Contains(r.Answer, "http://") {
		t.Errorf("got %+v", r)
	}
}

func TestAHangingPagerDutyIsATimeOut(t *testing.T) {
	s, server := pair(t, standin.Options{})
	server.Script(standin.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if r := s.Send(ctx, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictRetry || r.Answer != "no answer from PagerDuty: time-out" {
		t.Errorf("got %+v", r)
	}
}

func TestALongSummaryIsCutByCharacters(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := page(alerting.ActionTrigger)
	row.Message.Summary = strings.Repeat("ä", 2000)
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Fatalf("got %+v", r)
	}
	got := server.Events()[0].Event.Payload.Summary
	if utf8.RuneCountInString(got) != 1024 || !strings.HasSuffix(got, "ä…") {
		t.Errorf("the summary has %d characters and ends in %q", utf8.RuneCountInString(got), got[len(got)-5:])
	}
}

func TestARowWithoutTextIsSentAllTheSame(t *testing.T) {
	s, server := pair(t, standin.Options{})
	if r := send(t, s, alerting.Row{Key: "k1", Action: alerting.ActionTrigger}); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if got := server.Events()[0].Event.Payload; got.Summary != "unknown" || got.Source != "unknown" {
		t.Errorf("payload is %+v", got)
	}
}

// shrunk sends a row and returns the details that arrived.
func shrunk(t *testing.T, s *pagerduty.Sender, server *standin.Server, row alerting.Row) map[string]string {
	t.Helper()
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Fatalf("got %+v", r)
	}
	events := server.Events()
	e := events[len(events)-1].Event
	if e.Payload.Summary != row.Message.Summary {
		t.Errorf("the summary became %q", e.Payload.Summary)
	}
	var details map[string]string
	if err := json.Unmarshal(e.Payload.CustomDetails, &details); err != nil {
		t.Fatal(err)
	}
	return details
}

func TestATooLargePageLosesItsLargestDetailsFirstAndSaysSo(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := page(alerting.ActionTrigger)
	row.Message.Details = []alerting.Detail{
		{Name: "small", Value: "kept"}, {Name: "middle", Value: strings.Repeat("m", 200_000)}, {Name: "large", Value: strings.Repeat("ü", 300_000)}}
	d := shrunk(t, s, server, row)
	if d["small"] != "kept" || len(d["middle"]) != 200_000 || !strings.HasSuffix(d["large"], "ü… (shortened from 600000 bytes)") ||
		d["shortened"] != "too long for PagerDuty: large" {
		t.Errorf("shortened %q, large %q, middle %d bytes", d["shortened"], d["large"], len(d["middle"]))
	}
}

func TestAPageOfTooManyDetailsStillArrives(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := page(alerting.ActionTrigger)
	row.Message.Details = []alerting.Detail{{Name: "first", Value: "kept"}}
	for i := range 10_000 {
		row.Message.Details = append(row.Message.Details, alerting.Detail{Name: fmt.Sprintf("n%d", i), Value: strings.Repeat("v", 100)})
	}
	d := shrunk(t, s, server, row)
	if d["first"] != "kept" || len(d) < 1000 || !strings.Contains(d["shortened"], "of 10001 details are left out") {
		t.Errorf("%d details arrived: first %q, shortened %q", len(d), d["first"], d["shortened"])
	}
}

func TestA413IsShrunkAndSentOnceMore(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := page(alerting.ActionTrigger)
	row.Message.Details = []alerting.Detail{{Name: "large", Value: strings.Repeat("l", 100_000)}}
	server.Script(standin.Answer(413, ""))
	if d := shrunk(t, s, server, row); d["shortened"] == "" || len(server.Requests()) != 2 {
		t.Errorf("details are %v after %d requests", d, len(server.Requests()))
	}
	server.Script(standin.Answer(413, ""), standin.Answer(413, ""))
	if r := send(t, s, row); r.Verdict != alerting.VerdictRefused || len(server.Requests()) != 4 {
		t.Errorf("got %+v after %d requests", r, len(server.Requests()))
	}
}

func TestAKeyFileIsReadForEachSend(t *testing.T) {
	_, server := pair(t, standin.Options{})
	file := filepath.Join(t.TempDir(), "key")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(key + "\n")
	c := pagerduty.DefaultConfig()
	c.RoutingKeyFile, c.URL = file, server.URL()
	s, err := pagerduty.New(c, pagerduty.Options{})
	if err != nil {
		t.Fatal(err)
	}
	send(t, s, page(alerting.ActionTrigger))
	write(strings.Repeat("y", 32))
	send(t, s, page(alerting.ActionTrigger))
	write("half")
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictRetry || !strings.Contains(r.Answer, "holds 4 characters") {
		t.Errorf("got %+v", r)
	}
	events := server.Events()
	if len(events) != 2 || events[0].Event.RoutingKey != key || events[1].Event.RoutingKey != strings.Repeat("y", 32) {
		t.Errorf("events are %+v", events)
	}
}
