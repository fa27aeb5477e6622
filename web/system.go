package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting/drills"
	"burnline/slo"
)

// shownDrills is how many drills the page shows; the API has some more.
const shownDrills = 10

// systemModel is the model of the page on Burnline itself.
type systemModel struct {
	Health
	Sentence string
	Uptime   time.Duration
	Trouble  []Component
	Figures  []healthFigure
	Refused  float64
	// Filling are the SLOs whose history is being read.
	Filling []row
	// SLOs counts those that are loaded.
	SLOs int
	// Access says in a sentence who gets in.
	Access string
	// Drills are the newest, the next among them; none where nothing drills.
	Drills []drills.Drill
}

// Failing counts the users' rules that can't be evaluated.
func (m systemModel) Failing() (n int) {
	for _, g := range m.Rules {
		n += len(g.Failing)
	}
	return n
}

// CheckpointText says in words what became of checkpoints.
func (m systemModel) CheckpointText() string {
	c := m.Checkpoints
	text := plural(int(c.Written), "checkpoint", "checkpoints") + " written since the start"
	if c.Failed > 0 {
		text += ", " + count(c.Failed) + " failed and are tried again"
	}
	text += "; " + count(c.Resumed) + " were gone on from"
	if c.Dropped > 0 {
		text += ", " + count(c.Dropped) + " were of no use"
	}
	return text + "."
}

// healthFigure is one number of the page; Key names its field in the API, so
// that the page can draw how it moved.
type healthFigure struct {
	Key, Name, Value, Hint string
	Bad                    bool
}

func (s *server) systemPage(c *gin.Context) {
	h := s.System.Health(c.Request.Context())
	m := systemModel{Health: h, Uptime: s.Now().Sub(h.Started), Access: s.Access.Note}
	for _, p := range h.Components {
		if p.State != ComponentOK {
			m.Trouble = append(m.Trouble, p)
		}
	}
	for _, r := range h.Refused {
		m.Refused += r.Count
	}
	f := s.fleet()
	m.SLOs = len(f.defs)
	for i := range f.rows {
		r := f.rows[i]
		if n := len(m.Filling); r.Status.Filling && (n == 0 || m.Filling[n-1].Def != r.Def) {
			m.Filling = append(m.Filling, r) // all groups of an SLO are read together
		}
	}
	if s.Drills != nil {
		m.Drills = s.Drills.List()
		m.Drills = m.Drills[:min(len(m.Drills), shownDrills)]
	}
	m.Sentence = systemSentence(m)
	m.Figures = healthFigures(m)
	s.show(c, http.StatusOK, "system", "System", "system", m)
}

// systemSentence says how Burnline fares, worst news first.
func systemSentence(m systemModel) string {
	var parts []string
	var names []string
	for _, p := range m.Trouble {
		names = append(names, "the "+p.Name+" is "+string(p.State))
	}
	if len(names) > 0 {
		parts = append(parts, capital(listed(names, 3))+".")
	}
	if m.SetKept {
		parts = append(parts, "The last reload was refused; the previous set is still in force.")
	}
	if len(m.Waiting) > 0 {
		parts = append(parts, "Changed, and in force only after a restart: "+strings.Join(m.Waiting, ", ")+".")
	}
	if len(m.Receivers) == 0 {
		parts = append(parts, "No receiver is configured, so nobody is told.")
	}
	if n := m.Failing(); n > 0 {
		parts = append(parts, plural(n, "rule fails", "rules fail")+" to be evaluated.")
	}
	if len(parts) == 0 {
		parts = append(parts, "Burnline works.")
	}
	if m.NewestSample.IsZero() {
		return strings.Join(append(parts, "No sample has been judged yet."), " ")
	}
	return strings.Join(append(parts, fmt.Sprintf("%s samples a second arrive, and the newest data judged is %s old.",
		figure(m.SamplesPerSecond), span(m.Lag))), " ")
}

// healthFigures lists the numbers with what each of them means.
func healthFigures(m systemModel) []healthFigure {
	lag, oldest := absent, "nothing waits"
	judging := func(d time.Duration) string {
		if m.NewestSample.IsZero() {
			return absent // nothing has been judged
		}
		return span(d)
	}
	if !m.NewestSample.IsZero() {
		lag = span(m.Lag)
	}
	if m.OutboxDepth > 0 {
		oldest = "the oldest for " + span(m.OutboxOldest)
	}
	return []healthFigure{
		{"samples_per_second", "Samples", figure(m.SamplesPerSecond) + " /s", "taken in", false},
		{"spans_per_second", "Spans", figure(m.SpansPerSecond) + " /s", "taken in", false},
		{"refused", "Refused", count(m.Refused), "items since the start", m.Refused > 0},
		{"lag", "Lag", lag, "age of the newest sample judged", false},
		{"evaluation_p50", "Evaluation p50", judging(m.EvaluationP50), "half are faster", false},
		{"evaluation_p99", "Evaluation p99", judging(m.EvaluationP99), "1 in 100 is slower", false},
		{"outbox_depth", "Outbox", count(float64(m.OutboxDepth)), oldest, m.OutboxDepth > 0},
		{"series", "Series", count(float64(m.Series)), "active in the metric store", false},
	}
}

// IsError tells a finding that keeps a file out from a warning or a note.
func (m systemModel) IsError(f slo.Finding) bool { return len(slo.Findings{f}.Errors()) > 0 }
