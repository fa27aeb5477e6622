package slack_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/alerting/slack"
	"burnline/internal/harness/faults"
	standin "burnline/internal/harness/slack"
	"burnline/slo"
)

const token = "xoxb-s3cret-token"

// noon is the clock of senders and stand-ins.
var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// pair returns a sender of a bot and the stand-in that it sends to.
func pair(t *testing.T, change ...func(*slack.Config)) (*slack.Sender, *standin.Server) {
	t.Helper()
	server := standin.New(standin.Options{Token: token, Channels: map[string]string{"C1": "incidents"}, PerSecond: -1, Now: func() time.Time { return noon }})
	c := slack.Config{AppURL: slack.DefaultAppURL}
	c.AppToken, c.AppURL, c.Channel, c.SigningSecret = token, serve(t, server)+standin.PostPath, "#incidents", "signing"
	for _, f := range change {
		f(&c)
	}
	return sender(t, c), server
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func sender(t *testing.T, c slack.Config) *slack.Sender {
	t.Helper()
	templates, findings := render.Load(render.Options{ExternalURL: "https://b.example.com"})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	s, err := slack.New(c, slack.Options{Now: func() time.Time { return noon }, Render: templates.Text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// page is a row as the router writes it; labels hold what must not be read as mark-up.
func page(a alerting.Action, receipt string) alerting.Row {
	return alerting.Row{Key: "k1", Receiver: "chat", Integration: "slack/0", Action: a, Receipt: receipt, Message: alerting.Message{
		Summary: "Buying in <!channel>: 1 in 4 requests fails & more.", Severity: slo.Page, Source: "checkout",
		Links:   []alerting.Link{{Text: "Incident", Href: "https://b.example.com/incidents/k1"}},
		Details: []alerting.Detail{{Name: "bad events", Value: "1 of 4"}, {Name: "team", Value: "<@U1>"}},
		Labels:  slo.NewLabels("alertname", "availability", "team", "payments"),
	}}
}

func send(t *testing.T, s *slack.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, "s3cret") || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows a secret, is empty or has several lines: %q", r.Answer)
	}
	return r
}

// words are all texts of a message, in order.
func words(m standin.Message) string {
	all := []string{m.Body.Text}
	for _, a := range m.Body.Attachments {
		all = append(all, "["+a.Color+"]")
		for _, b := range a.Blocks {
			if b.Text != nil {
				all = append(all, b.Text.Text)
			}
			for _, f := range b.Fields {
				all = append(all, f.Text)
			}
			for _, e := range b.Elements {
				all = append(all, string(e.Text)+e.URL)
			}
		}
	}
	return strings.Join(all, "\n")
}

func TestAnIncidentIsOneMessageThatIsEditedWithItsNewsInItsThread(t *testing.T) {
	s, server := pair(t)
	first := send(t, s, page(alerting.ActionTrigger, ""))
	if first.Verdict != alerting.VerdictAccepted || first.Receipt != "C1 1772539200.000001" {
		t.Fatalf("got %+v", first)
	}
	want := ":rotating_light: Buying in &lt;!channel&gt;: 1 in 4 requests fails &amp; more.\n[danger]\n*bad events*\n1 of 4\n*team*\n&lt;@U1&gt;\n" +
		`"\u003chttps://b.example.com/incidents/k1|Incident\u003e"` + "\n" + `{"type":"plain_text","text":"Acknowledge"}`
	if got := words(server.Messages()[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	update := page(alerting.ActionUpdate, first.Receipt)
	update.Message.Summary = "Buying: every request fails."
	end := page(alerting.ActionResolve, first.Receipt)
	end.Message.Summary = "Buying recovered."
	for _, row := range []alerting.Row{update, end} {
		if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted || r.Receipt != "" {
			t.Errorf("got %+v", r)
		}
	}
	all := server.Messages()
	if len(all) != 3 || all[0].Edits != 2 || !strings.HasPrefix(words(all[0]), ":white_check_mark: Buying recovered.\n[good]") || strings.Contains(words(all[0]), "Acknowledge") {
		t.Fatalf("messages are %+v", all)
	}
	if all[1].Thread != all[0].TS || all[1].Body.Text != ":rotating_light: Buying: every request fails." || all[2].Thread != all[0].TS {
		t.Errorf("the thread is %+v", all[1:])
	}
}

func TestTheMessageShowsWhoHasTheIncidentAndLosesItsButton(t *testing.T) {
	s, server := pair(t)
	first := send(t, s, page(alerting.ActionTrigger, ""))
	row := page(alerting.ActionUpdate, first.Receipt)
	row.Message.Acknowledged = &alerting.Acknowledgement{Kind: alerting.AckTaken, By: "Ada <!channel>", Via: "pagerduty", At: noon}
	send(t, s, row)
	got := words(server.Messages()[0])
	if !strings.Contains(got, "Acknowledged by Ada &lt;!channel&gt; in PagerDuty") && !strings.Contains(got, `Acknowledged by Ada \u0026lt;!channel\u0026gt; in PagerDuty`) {
		t.Errorf("the message does not show who has it:\n%s", got)
	}
	if strings.Contains(got, `"Acknowledge"`) {
		t.Errorf("the button is still there:\n%s", got)
	}
}

func TestNewsWithoutAMessageToEditAreAMessageOfTheirOwn(t *testing.T) {
	s, server := pair(t)
	if r := send(t, s, page(alerting.ActionUpdate, "")); r.Receipt == "" {
		t.Errorf("got %+v", r)
	}
	first := server.Messages()[0]
	server.Delete(first.TS) // by a person
	if r := send(t, s, page(alerting.ActionResolve, "C1 "+first.TS)); r.Verdict != alerting.VerdictAccepted || r.Receipt == "" {
		t.Errorf("got %+v", r)
	}
	if r := send(t, s, page(alerting.ActionTrigger, "C1 "+first.TS)); r.Verdict != alerting.VerdictAccepted || r.Receipt == "" {
		t.Errorf("an incident that opens again: %+v", r)
	}
	if all := server.Messages(); len(all) != 2 || all[0].Thread+all[1].Thread != "" {
		t.Errorf("messages are %+v", all)
	}
}

func TestAnIncomingWebhookHasAMessagePerNews(t *testing.T) {
	server := standin.New(standin.Options{})
	s := sender(t, slack.Config{APIURL: post.Secret(serve(t, server) + standin.WebhookPath)})
	for _, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionResolve} {
		if r := send(t, s, page(a, "")); r.Verdict != alerting.VerdictAccepted || r.Answer != "200 ok" {
			t.Errorf("got %+v", r)
		}
	}
	if all := server.Messages(); len(all) != 2 || strings.Contains(words(all[0]), "Acknowledge") {
		t.Errorf("messages are %+v", all)
	}
}

func TestAnswers(t *testing.T) {
	accepted, retry, refused := alerting.VerdictAccepted, alerting.VerdictRetry, alerting.VerdictRefused
	ok := func(code string) faults.Fault { return faults.Answer(200, `{"ok":false,"error":"`+code+`"}`) }
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  alerting.Result
	}{
		{"ok is acceptance", faults.Answer(200, `{"ok":true,"channel":"C1","ts":"1.2"}`), alerting.Result{Verdict: accepted, Answer: "200 ok", Receipt: "C1 1.2"}},
		{"too fast", faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "30"}, Body: `{"ok":false,"error":"ratelimited"}`},
			alerting.Result{Verdict: retry, RetryAfter: 30 * time.Second, Answer: `429 {"ok":false,"error":"ratelimited"}`}},
		{"an internal error", ok("internal_error"), alerting.Result{Verdict: retry, Answer: "200 internal_error"}},
		{"an error that nobody knows", ok("new_error"), alerting.Result{Verdict: retry, Answer: "200 new_error"}},
		{"a token that is none", ok("invalid_auth"), alerting.Result{Verdict: refused, Answer: "200 invalid_auth; Slack does not take the app_token: copy the Bot User OAuth Token of the app and reload"}},
		{"no such channel", ok("channel_not_found"), alerting.Result{Verdict: refused, Answer: "200 channel_not_found; check channel, which may be an ID such as C0123456789, and reload"}},
		{"a bot that was not invited", ok("not_in_channel"), alerting.Result{Verdict: refused, Answer: "200 not_in_channel; invite the bot to the channel and reload"}},
		{"the page of a proxy", faults.Answer(200, "<html>"), alerting.Result{Verdict: retry, Answer: "200 <html>; this is not an answer of Slack's API: check app_url and any proxy"}},
		{"503", faults.Answer(503, ""), alerting.Result{Verdict: retry, Answer: "503 Service Unavailable"}},
		{"an answer that shows the token", ok(token), alerting.Result{Verdict: retry, Answer: "200 <hidden>"}},
		{"a cut connection", faults.Fault{Cut: true}, alerting.Result{Verdict: retry, Answer: "no answer from Slack: EOF"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, server := pair(t)
			server.Script.Add(c.fault)
			if got := send(t, s, page(alerting.ActionTrigger, "")); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAnswersOfIncomingWebhooks(t *testing.T) {
	retry, refused := alerting.VerdictRetry, alerting.VerdictRefused
	for _, c := range []struct {
		name  string
		fault faults.Fault
		want  alerting.Result
	}{
		{"a webhook that is gone", faults.Answer(404, "no_service"), alerting.Result{Verdict: refused, Answer: "404 no_service; the webhook is gone: make a new one, put its address in api_url and reload"}},
		{"a channel that is gone", faults.Answer(410, "channel_is_archived"), alerting.Result{Verdict: refused, Answer: "410 channel_is_archived; check the channel that the webhook posts to"}},
		{"a payload that is none", faults.Answer(400, "invalid_payload"), alerting.Result{Verdict: refused, Answer: "400 invalid_payload"}},
		{"another page", faults.Answer(200, "welcome"), alerting.Result{Verdict: retry, Answer: "200 welcome; this is not the receiver's answer, so a proxy may stand between"}},
		{"too fast", faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "1"}}, alerting.Result{Verdict: retry, RetryAfter: time.Second, Answer: "429 Too Many Requests"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := standin.New(standin.Options{})
			server.Script.Add(c.fault)
			s := sender(t, slack.Config{APIURL: post.Secret(serve(t, server) + standin.WebhookPath)})
			if got := send(t, s, page(alerting.ActionTrigger, "")); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAFormThatSlackRefusesIsSentAsPlainText(t *testing.T) {
	s, server := pair(t)
	server.Script.Add(faults.Answer(200, `{"ok":false,"error":"invalid_blocks"}`))
	if r := send(t, s, page(alerting.ActionTrigger, "")); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if all := server.Messages(); len(all) != 1 || len(all[0].Body.Attachments) != 0 || all[0].Body.Text == "" {
		t.Errorf("messages are %+v", all)
	}
}

func TestWhatIsTooLongIsCutToSlacksLimits(t *testing.T) {
	long := strings.Repeat("ä", 50_000)
	row := page(alerting.ActionTrigger, "")
	row.Message.Summary = long
	row.Message.Details = nil
	for i := range 100 {
		row.Message.Details = append(row.Message.Details, alerting.Detail{Name: fmt.Sprint("fact ", i), Value: long})
	}
	s, server := pair(t)
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	s, _ = pair(t, func(c *slack.Config) {
		c.Title, c.Text, c.Footer, c.Fallback = long, long, long, long
		for i := range 60 {
			c.Fields = append(c.Fields, slack.Field{Title: fmt.Sprint("field ", i), Value: long})
			c.Actions = append(c.Actions, slack.Action{Type: "button", Text: long, URL: fmt.Sprintf("https://example.com/%d", i)})
		}
	})
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if n := len(server.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestTheUsersTextsTakeThePlaceOfOurs(t *testing.T) {
	short := true
	s, server := pair(t, func(c *slack.Config) {
		c.Title, c.TitleLink, c.Text, c.Color = "{{ .Status | toUpper }}", "https://x.example.com/", "{{ .CommonLabels.alertname }}", `{{ if eq .Status "firing" }}#ff0000{{ end }}`
		c.Fields = []slack.Field{{Title: "Team", Value: "{{ .CommonLabels.team }}", Short: &short}}
		c.Actions = []slack.Action{{Type: "button", Text: "Runbook", URL: "https://r.example.com"}}
		c.SigningSecret = ""
	})
	if r := send(t, s, page(alerting.ActionTrigger, "")); r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != 0 {
		t.Errorf("got %+v", r)
	}
	want := "\n[#ff0000]\n*<https://x.example.com/|FIRING>*\navailability\n*Team*\npayments\n" + `{"type":"plain_text","text":"Runbook"}https://r.example.com`
	if got := words(server.Messages()[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATemplateThatFailsCostsNoPageAndIsSaid(t *testing.T) {
	s, server := pair(t, func(c *slack.Config) { c.Title, c.Text = "{{ .Nothing }}", "{{ .Status }}" })
	r := send(t, s, page(alerting.ActionTrigger, ""))
	got := words(server.Messages()[0])
	if r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != 1 || !strings.HasPrefix(got, ":rotating_light: Buying in") ||
		!strings.Contains(got, "A template of yours fails, so this is Burnline's own text (title: ") || !strings.Contains(got, "\nfiring\n") {
		t.Errorf("%+v\n%s", r, got)
	}
}

func TestSlackIsAskedNoFasterThanItAllows(t *testing.T) {
	server := standin.New(standin.Options{Token: token, Channels: map[string]string{"C1": "incidents"}, Now: func() time.Time { return noon }})
	c := slack.Config{AppURL: slack.DefaultAppURL}
	c.AppToken, c.AppURL, c.Channel = token, serve(t, server)+standin.PostPath, "C1"
	s := sender(t, c)
	send(t, s, page(alerting.ActionTrigger, ""))
	if r := send(t, s, page(alerting.ActionTrigger, "")); r.Verdict != alerting.VerdictRetry || r.RetryAfter != time.Second {
		t.Errorf("got %+v", r)
	}
	if d := s.Destination(); d.PerMinute != 60 || strings.Contains(d.Name, "s3cret") {
		t.Errorf("destination is %+v", d)
	}
}
