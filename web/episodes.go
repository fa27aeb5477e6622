package web

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

// incidentMark is an incident on the charts of its SLO.
type incidentMark struct {
	// T is when its first bad events were, and To when it closed, or now while it is open.
	T        int64        `json:"t"`
	To       int64        `json:"to"`
	Key      string       `json:"key"`
	Severity slo.Severity `json:"severity"`
	Open     bool         `json:"open"`
}

// mostIncidents bounds the incidents of an SLO that its page lists and its charts mark.
const mostIncidents = 20

// incidentMarks are the incidents of a group, of every group without one, that were open
// between two moments.
func (s *server) incidentMarks(c *gin.Context, id string, group slo.Labels, from, to time.Time) ([]incidentMark, error) {
	marks := []incidentMark{}
	records, err := s.records(c, alerting.Filter{SLO: id, To: to, Limit: mostMarks})
	for _, r := range records {
		in := r.Incident
		end := in.Closed
		if end.IsZero() {
			end = s.Now()
		}
		if end.Before(from) || len(group) > 0 && !slices.ContainsFunc(in.Groups, func(g slo.Labels) bool { return slices.Equal(g, group) }) {
			continue
		}
		marks = append(marks, incidentMark{in.Started.Unix(), end.Unix(), in.Key, in.Severity, in.Closed.IsZero()})
	}
	return marks, err
}

// findingsOf are what the files say of a definition: the findings of its document.
func findingsOf(f *fleet, d *slo.Definition, files []SLOFile) slo.Findings {
	end := f.ends[d.Source]
	var some slo.Findings
	for _, file := range files {
		if file.File != d.Source.File || file.File == "" {
			continue
		}
		for _, finding := range file.Findings {
			if finding.Line >= d.Source.Line && (end == 0 || finding.Line < end) {
				some = append(some, finding)
			}
		}
	}
	return some
}
