package opsgenie_test

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/opsgenie"
	"burnline/alerting/render"
	"burnline/internal/harness/faults"
	standin "burnline/internal/harness/opsgenie"
	"burnline/slo"
)

const key = "s3cret-key"

// pair returns a sender and the stand-in that it sends to.
func pair(t *testing.T, change ...func(*opsgenie.Config)) (*opsgenie.Sender, *standin.Server) {
	t.Helper()
	server := standin.New(key)
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	c := opsgenie.Config{APIURL: opsgenie.DefaultURL}
	c.APIKey, c.APIURL = key, listening.URL+"/"
	for _, f := range change {
		f(&c)
	}
	templates, findings := render.Load(render.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	s, err := opsgenie.New(c, opsgenie.Options{Render: templates.Text})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

func page(a alerting.Action) alerting.Row {
	return alerting.Row{Key: "k/1", Receiver: "oncall", Action: a, Message: alerting.Message{
		Summary: "Buying: " + string(a) + ".", Severity: slo.Page, Source: "checkout",
		Links:   []alerting.Link{{Text: "Incident", Href: "https://b.example.com/incidents/k1"}},
		Details: []alerting.Detail{{Name: "team", Value: "payments"}, {Name: "customers", Value: "37 of 96 hurt"}},
		Labels:  slo.NewLabels("alertname", "availability", "team", "payments"),
	}}
}

func send(t *testing.T, s *opsgenie.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, key) || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows the key, is empty or has several lines: %q", r.Answer)
	}
	return r
}

func TestAnIncidentIsOneAlertWithItsNewsAsNotes(t *testing.T) {
	s, server := pair(t)
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionTrigger, alerting.ActionUpdate, alerting.ActionAcknowledge, alerting.ActionResolve} {
		if r := send(t, s, page(a)); r.Verdict != alerting.VerdictAccepted || r.Answer != "202 Request will be processed" {
			t.Errorf("%s: %+v", a, r)
		}
	}
	want := []standin.Alert{{
		Message: "Buying: trigger.", Alias: "k/1", Entity: "checkout", Source: "Burnline", Priority: "P1", Count: 3, Closed: true, Acknowledged: true,
		Description: "Buying: trigger.\n\nIncident: https://b.example.com/incidents/k1\n\nteam: payments\ncustomers: 37 of 96 hurt",
		Details:     map[string]string{"alertname": "availability", "team": "payments", "customers": "37 of 96 hurt"}, Notes: []string{"Buying: update.", "Buying: acknowledge.", "Buying: resolve."},
	}}
	if got := server.Alerts(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestATicketIsOfMiddlePriorityAndTheUsersWordsComeFirst(t *testing.T) {
	s, server := pair(t, func(c *opsgenie.Config) {
		c.Message, c.Tags, c.UpdateAlerts = "{{ .Status }} {{ .CommonLabels.alertname }}", "{{ .CommonLabels.team }}, slo ,", true
		c.Details = map[string]string{"status": "{{ .Status }}"}
		c.Responders = []opsgenie.Responder{{Name: "a, b", Type: "teams"}, {Username: "ana@example.com", Type: "user"}, {Name: "{{ .CommonLabels.none }}", Type: "team"}}
	})
	row := page(alerting.ActionTrigger)
	row.Message.Severity = slo.Ticket
	send(t, s, row)
	row.Action, row.Message.Labels = alerting.ActionUpdate, slo.NewLabels("alertname", "changed")
	send(t, s, row)
	a := server.Alerts()[0]
	if a.Priority != "P3" || a.Message != "firing changed" || !reflect.DeepEqual(a.Tags, []string{"payments", "slo"}) || a.Details["status"] != "firing" ||
		!reflect.DeepEqual(a.Responders, []standin.Responder{{Name: "a", Type: "team"}, {Name: "b", Type: "team"}, {Username: "ana@example.com", Type: "user"}}) {
		t.Errorf("got %+v", a)
	}
}

func TestAnswers(t *testing.T) {
	retry, refused := alerting.VerdictRetry, alerting.VerdictRefused
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  alerting.Result
	}{
		{"422 is final", faults.Answer(422, `{"message":"Not processable","errors":{"message":"empty"}}`), alerting.Result{Verdict: refused, Answer: "422 Not processable; message: empty"}},
		{"a key that is none", faults.Answer(401, `{"message":"Could not authenticate"}`),
			alerting.Result{Verdict: refused, Answer: "401 Could not authenticate; Opsgenie does not take the api_key: copy that of an API integration of this region, with the right to create alerts, and reload"}},
		{"a proxy that wants to know who we are", faults.Answer(401, "<html>"), alerting.Result{Verdict: retry, Answer: "401 <html>; check the url, what signs in to it, and any proxy"}},
		{"too fast", faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "2"}, Body: `{"message":"You are making too many requests!"}`},
			alerting.Result{Verdict: retry, RetryAfter: 2 * time.Second, Answer: "429 You are making too many requests!"}},
		{"200 is the page of a proxy", faults.Answer(200, `{}`), alerting.Result{Verdict: retry, Answer: "200 OK; this is not the receiver's answer, so a proxy may stand between"}},
		{"503", faults.Answer(503, ""), alerting.Result{Verdict: retry, Answer: "503 Service Unavailable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, server := pair(t)
			server.Script.Add(c.fault)
			if got := send(t, s, page(alerting.ActionTrigger)); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestWhatIsTooLongIsCutToOpsgeniesLimits(t *testing.T) {
	long := strings.Repeat("ä", 30_000)
	s, server := pair(t, func(c *opsgenie.Config) {
		c.Tags, c.Actions, c.Note, c.Entity, c.Source = strings.Repeat(long[:200]+",", 50), strings.Repeat("a,", 50), long, long, long
		c.Details = map[string]string{"long": long}
		for i := range 80 {
			c.Responders = append(c.Responders, opsgenie.Responder{Name: fmt.Sprint(i), Type: "team"})
		}
	})
	row := page(alerting.ActionTrigger)
	row.Message.Summary = long
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionUpdate, alerting.ActionResolve} {
		row.Action = a
		if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
			t.Errorf("got %+v", r)
		}
	}
	if a := server.Alerts()[0]; !strings.HasSuffix(a.Message, "ä…") || a.Details["team"] != "" && len(a.Tags) != 20 {
		t.Errorf("got %+.300v", a)
	}
}

func TestATemplateThatFailsCostsNoPageAndIsSaid(t *testing.T) {
	s, server := pair(t, func(c *opsgenie.Config) { c.Message, c.Priority = "{{ .Nothing }}", "{{ .Nothing }}" })
	r := send(t, s, page(alerting.ActionTrigger))
	if a := server.Alerts()[0]; r.TemplateErrors != 2 || a.Message != "Buying: trigger." || a.Priority != "P1" || !strings.HasPrefix(a.Description, "Buying: trigger.\nA template of yours fails") {
		t.Errorf("%+v, %+v", r, a)
	}
}

func TestAConfigurationSaysWhatIsWrongWithoutItsKey(t *testing.T) {
	c := opsgenie.Config{APIURL: "ftp://x", Priority: "P9", Responders: []opsgenie.Responder{{Type: "dog"}}, Message: "{{ if }}"}
	want := "api_key is missing; write api_key_file: /path/to/key (in Opsgenie: Settings, Integrations, API)\n" +
		"api_url is not a web address; write https://api.opsgenie.com/\n" +
		"responders[0] names nobody; write id, name or username\n" +
		"responders[0].type is none of team, teams, user, escalation, schedule\n" +
		"priority is none of P1, P2, P3, P4, P5; leave it out to have pages P1 and tickets P3\n" +
		"message is no template: missing value for if"
	if err := c.Validate(); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	c = opsgenie.Config{APIURL: opsgenie.DefaultURL}
	c.APIKey = key
	if s := fmt.Sprintf("%v %+v %#v", c, c, c); c.Validate() != nil || strings.Contains(s, key) {
		t.Errorf("%v; printed as %s", c.Validate(), s)
	}
}
