package webhook

import (
	"encoding/json"

	"burnline/alerting"
)

// ReportPayload is the body of a webhook that carries a report. It is no incident, so it has not
// Alertmanager's form.
type ReportPayload struct {
	// Kind is "report".
	Kind string `json:"kind"`
	// Summary tells what it is about in a sentence, and Sentences how it was.
	Summary   string   `json:"summary"`
	Sentences []string `json:"sentences"`
	// Links lead to the page and to the files.
	Links []alerting.Link `json:"links"`
	// Report is what the API answers; null where it is too large to be sent.
	Report json.RawMessage `json:"report"`
}

func reportOf(row alerting.Row) ReportPayload {
	p := ReportPayload{Kind: "report", Summary: row.Message.Summary, Sentences: []string{}, Links: append([]alerting.Link{}, row.Message.Links...), Report: row.Message.Report.JSON}
	for _, d := range row.Message.Details {
		p.Sentences = append(p.Sentences, d.Value)
	}
	if len(p.Report) == 0 {
		p.Report = json.RawMessage("null")
	}
	return p
}

// TakesReports reports that webhooks may carry reports.
func (s *Sender) TakesReports() bool { return true }
