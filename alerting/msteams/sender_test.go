package msteams_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/msteams"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/internal/harness/faults"
	standin "burnline/internal/harness/msteams"
	"burnline/slo"
)

func serve(t *testing.T, server *standin.Server) post.Secret {
	t.Helper()
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	return post.Secret(listening.URL + "/workflows/s3cret?sig=s3cret")
}

func templates(t *testing.T) render.Func {
	t.Helper()
	r, findings := render.Load(render.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return r.Text
}

// pair returns a sender and the stand-in that it sends to.
func pair(t *testing.T, change ...func(*msteams.Config)) (*msteams.Sender, *standin.Server) {
	t.Helper()
	server := standin.New()
	c := msteams.Config{}
	c.WebhookURL = serve(t, server)
	for _, f := range change {
		f(&c)
	}
	s, err := msteams.New(c, msteams.Options{Render: templates(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

func page(a alerting.Action) alerting.Row {
	return alerting.Row{Key: "k1", Receiver: "chat", Action: a, Message: alerting.Message{
		Summary: "Buying: [1 in 4](https://evil.example.com) **fails**.", Severity: slo.Page,
		Links:   []alerting.Link{{Text: "Incident", Href: "https://b.example.com/incidents/k1"}, {Text: "bad", Href: "javascript:alert(1)"}},
		Details: []alerting.Detail{{Name: "team", Value: "payments"}},
		Labels:  slo.NewLabels("alertname", "availability"),
	}}
}

func send(t *testing.T, s *msteams.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, "s3cret") || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows the address, is empty or has several lines: %q", r.Answer)
	}
	return r
}

func TestAnIncidentIsACardWhoseWordsAreNoMarkdown(t *testing.T) {
	s, server := pair(t)
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionResolve} {
		if r := send(t, s, page(a)); r.Verdict != alerting.VerdictAccepted || r.Answer != "202 Accepted" {
			t.Errorf("got %+v", r)
		}
	}
	cards := server.Cards()
	if cards[0].Plain != "Buying: [1 in 4](https://evil.example.com) **fails**.\nteam: payments" || cards[0].Markdown != "" || cards[0].Color != "Attention" ||
		strings.Join(cards[0].Addresses, " ") != "https://b.example.com/incidents/k1" || cards[1].Color != "Good" {
		t.Errorf("got %+v", cards)
	}
}

func TestTheUsersTextsTakeThePlaceOfOurs(t *testing.T) {
	s, server := pair(t, func(c *msteams.Config) { c.Title, c.Text = "**{{ .Status }}**", "{{ .CommonLabels.alertname }}" })
	send(t, s, page(alerting.ActionTrigger))
	if got := server.Cards()[0]; got.Markdown != "**firing**\navailability" || got.Plain != "" {
		t.Errorf("got %+v", got)
	}
	s, server = pair(t, func(c *msteams.Config) { c.Title = "{{ .Nothing }}" })
	r := send(t, s, page(alerting.ActionTrigger))
	if got := server.Cards()[0]; r.TemplateErrors != 1 || !strings.HasPrefix(got.Plain, "Buying: [1 in 4]") || !strings.Contains(got.Plain, "A template of yours fails") {
		t.Errorf("got %+v, %+v", r, got)
	}
}

func TestALargeCardIsShortenedToWhatTeamsTakes(t *testing.T) {
	row := page(alerting.ActionTrigger)
	for i := range 500 {
		row.Message.Details = append(row.Message.Details, alerting.Detail{Name: fmt.Sprint("fact ", i), Value: strings.Repeat("ä", 200)})
	}
	s, server := pair(t)
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted || !strings.Contains(server.Cards()[0].Plain, "fact 1") {
		t.Errorf("got %+v", r)
	}
	row.Message.Summary = strings.Repeat("\x01", 50_000)
	s, _ = pair(t, func(c *msteams.Config) {
		c.Title, c.Text = strings.Repeat("\x01", 50_000), strings.Repeat("\x01", 50_000)
	})
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
}

func TestAnswers(t *testing.T) {
	accepted, retry, refused := alerting.VerdictAccepted, alerting.VerdictRetry, alerting.VerdictRefused
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  alerting.Result
	}{
		{"a connector's acceptance", faults.Answer(200, "1"), alerting.Result{Verdict: accepted, Answer: "200 1"}},
		{"Teams behind the connector asks to wait", faults.Answer(200, "Microsoft Teams endpoint returned HTTP error 429"), alerting.Result{Verdict: retry, Answer: "200 Microsoft Teams endpoint returned HTTP error 429"}},
		{"too fast", faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "8"}}, alerting.Result{Verdict: retry, RetryAfter: 8 * time.Second, Answer: "429 Too Many Requests"}},
		{"a card that is none", faults.Answer(400, "Bad payload"), alerting.Result{Verdict: refused, Answer: "400 Bad payload"}},
		{"a workflow that is gone", faults.Answer(404, ""), alerting.Result{Verdict: retry, Answer: "404 Not Found; check the url, what signs in to it, and any proxy"}},
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

func TestARetiredConnectorStillGetsItsCardAndIsSpokenOf(t *testing.T) {
	server := standin.New()
	c := msteams.LegacyConfig{WebhookURL: serve(t, server), Summary: "{{ .Status }}"}
	s, err := msteams.NewLegacy(c, msteams.Options{Render: templates(t)})
	if err != nil {
		t.Fatal(err)
	}
	if r := send(t, s, page(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if got := server.Cards()[0]; !got.Legacy || !strings.Contains(got.Markdown, "team: payments") {
		t.Errorf("got %+v", got)
	}
	if a := c.Advice(); len(a) != 1 || !strings.Contains(a[0].Message, "Microsoft has retired the connectors") {
		t.Errorf("advice is %+v", a)
	}
}

func TestAConfigurationSaysWhatIsWrongWithoutItsAddress(t *testing.T) {
	for want, c := range map[string]msteams.LegacyConfig{
		"webhook_url is missing; write webhook_url_file: /path/to/address of the workflow":                                                                 {},
		"webhook_url is not a web address; copy that of the workflow\ntitle is no template: missing value for if\nsummary is no template: unclosed action": {WebhookURL: "s3cret", Title: "{{ if }}", Summary: "{{"},
	} {
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
		if s := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(s, "s3cret") {
			t.Errorf("printed as %s", s)
		}
	}
}
