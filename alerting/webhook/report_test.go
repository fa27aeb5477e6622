package webhook_test

import (
	"io"
	"net/http"
	"testing"

	"burnline/alerting"
	"burnline/alerting/webhook"
)

func TestAReportIsPostedAsItself(t *testing.T) {
	var bodies []string
	url := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
	}))
	s := sender(t, url, func(c *webhook.Config) { c.MaxAlerts = 1 })
	row := alerting.Row{Key: "burnline-report/2026-10//board", Action: alerting.ActionReport, Message: alerting.Message{
		Summary: "Reliability report: October 2026", Links: []alerting.Link{{Text: "Report", Href: "https://b.example.com/reports/2026-10"}},
		Details: []alerting.Detail{{Name: "better or worse", Value: "It was better."}}, Report: &alerting.Report{HTML: "<p>x</p>", JSON: []byte(`{"revision":1}`)},
	}}
	if r := send(t, s, row); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("%+v", r)
	}
	row.Message.Report = &alerting.Report{HTML: "<p>x</p>"} // too large to be sent along
	send(t, s, row)
	const head = `{"kind":"report","summary":"Reliability report: October 2026","sentences":["It was better."],"links":[{"text":"Report","href":"https://b.example.com/reports/2026-10"}],"report":`
	if len(bodies) != 2 || bodies[0] != head+`{"revision":1}}` || bodies[1] != head+`null}` {
		t.Errorf("posted %q", bodies)
	}
	if !s.TakesReports() {
		t.Error("it says that it takes none")
	}
}
