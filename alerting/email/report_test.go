package email_test

import (
	"strings"
	"testing"

	"burnline/alerting"
	standin "burnline/internal/harness/smtp"
)

func TestAReportIsAMailWithThePageInIt(t *testing.T) {
	s, server := pair(t, standin.Options{})
	row := alerting.Row{Key: "burnline-report/2026-10//board", Receiver: "board", Integration: "email/0", Seq: 1, Action: alerting.ActionReport, Message: alerting.Message{
		Summary: "Reliability report: October 2026", Severity: "ticket", Details: []alerting.Detail{{Name: "better or worse", Value: "It was better."}},
		Report: &alerting.Report{HTML: "<html><style>b{}</style><h1>Überblick</h1></html>"},
	}}
	if r := s.Send(t.Context(), row); r.Verdict != alerting.VerdictAccepted {
		t.Fatalf("%+v", r)
	}
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	text := string(mails[0].Data)
	for _, want := range []string{"Subject: Reliability report: October 2026\n", "It was better.", "<style>b{}</style>", "=C3=9Cberblick", "text/plain", "text/html"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}
}
