package alerting_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"burnline/alerting"
	"burnline/slo"
)

// Labels come from whoever sends metrics. What can't be printed reaches no message: PostgreSQL,
// for one, keeps no NUL, and the page would be lost.
func TestWhatCanNotBePrintedReachesNoMessage(t *testing.T) {
	tr := slo.Transition{
		Kind: slo.IncidentOpened,
		Incident: slo.Incident{Key: "k", SLO: "alert/Disk\x00Full\x1b[31m", Cause: slo.CauseAlert, Severity: slo.Page,
			Group: slo.NewLabels("host", "a\x00b", "service", "d\x00b", "long", strings.Repeat("x", 900))},
		Alerts: &slo.Alerts{Firing: 1, Listed: []slo.Alert{{Labels: slo.NewLabels("alertname", "Disk\x00Full\x1b[31m", "host", "a\x00b", "service", "d\x00b", "long", strings.Repeat("x", 900)), Annotations: map[string]string{"summary": "It is\x00 full, and here is a sentence that is longer than what fits into sixty signs.", "own\x00er": "x\x00"}}}},
	}
	m := alerting.Text(tr, alerting.TextOptions{})
	if want := "Disk Full [31m: It is full, and here is a sentence that is longer than what fits into sixty signs."; m.Summary != want {
		t.Errorf("summary %q, want %q", m.Summary, want)
	}
	m.Labels, m.Annotations = nil, nil // for programs, which are told what was sent
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `\u00`) || strings.ContainsFunc(alerting.Title(nil, tr.Incident), unicode.IsControl) {
		t.Errorf("message %s, title %q", text, alerting.Title(nil, tr.Incident))
	}
	if !strings.Contains(string(text), strings.Repeat("x", 900)) {
		t.Error("a long label was cut to the length of a word in a sentence")
	}
}
