package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting/shadow"
	"burnline/slo"
)

// shadowModel is the model of the page that compares with an old Alertmanager.
type shadowModel struct {
	Sentence string
	// Asked is how many days are compared.
	Asked  int
	Report shadow.Report
	Days   []shadowDay
	// Hook is where the old Alertmanager sends its webhook.
	Hook string
}

// Ranges are the numbers of days that are offered.
func (shadowModel) Ranges() []int { return []int{1, 7, shadow.MostDays} }

// shadowDay is a day as the page shows it.
type shadowDay struct {
	shadow.Day
	Rows []shadowRow
}

// Lead is the median lead in words.
func (d shadowDay) Lead() string {
	if d.MedianLead == nil {
		return "–"
	}
	return leadText(*d.MedianLead)
}

// shadowRow is a line as the page shows it.
type shadowRow struct{ shadow.Line }

// Class is that of the mark before the kind.
func (r shadowRow) Class() string {
	switch {
	case r.Unknown:
		return "unknown"
	case r.Kind == shadow.Both:
		return "both"
	case r.Kind == shadow.OnlyOld:
		return "old"
	}
	return "own"
}

// First is the old system's first page; nil where it told nobody.
func (r shadowRow) First() *shadow.Page {
	if len(r.Old) == 0 {
		return nil
	}
	return &r.Old[0]
}

// What is what it says of itself.
func (r shadowRow) What() string {
	if r.Burnline != nil && r.Burnline.Summary != "" {
		return r.Burnline.Summary
	}
	if p := r.First(); p != nil {
		return p.Summary
	}
	return ""
}

// Severity is Burnline's; "" where it told nobody.
func (r shadowRow) Severity() slo.Severity {
	if r.Burnline == nil {
		return ""
	}
	return r.Burnline.Severity
}

// LeadText is the lead in words; "" where only one told.
func (r shadowRow) LeadText() string {
	if r.Kind != shadow.Both {
		return ""
	}
	return leadText(r.Lead)
}

// leadText says by how much Burnline was earlier.
func leadText(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	switch {
	case d > 0:
		return span(d) + " earlier"
	case d < 0:
		return span(-d) + " later"
	}
	return "at once"
}

// shadowPage compares by day what both, only the old Alertmanager and only Burnline told.
func (s *server) shadowPage(c *gin.Context) {
	r, asked, ok := s.shadowReport(c)
	if !ok {
		return
	}
	m := shadowModel{Asked: asked, Report: r, Hook: s.hook()}
	for _, d := range r.Days {
		day := shadowDay{Day: d}
		for _, l := range d.Lines {
			day.Rows = append(day.Rows, shadowRow{l})
		}
		m.Days = append(m.Days, day)
	}
	m.Sentence = shadowSentence(r, asked)
	s.show(c, http.StatusOK, "shadow", "Shadow mode", "shadow", m)
}

// hook is the address that the old Alertmanager sends to.
func (s *server) hook() string {
	base := strings.TrimSuffix(s.ExternalURL, "/")
	if base == "" {
		base = "http://burnline:9900"
	}
	return base + "/api/v1/shadow/alertmanager"
}

// shadowSentence sums the days up.
func shadowSentence(r shadow.Report, asked int) string {
	var both, old, own, unknown int
	for _, d := range r.Days {
		both, old, own, unknown = both+d.Both, old+d.OnlyOld, own+d.OnlyBurnline, unknown+d.Unknown
	}
	when := "Today"
	if asked > 1 {
		when = "In " + strconv.Itoa(asked) + " days"
	}
	switch {
	case r.Heard == nil && len(r.Days) == 0:
		return "Nothing has been heard from the old Alertmanager yet, and Burnline has told nothing."
	case r.Heard == nil:
		return "Nothing has been heard from the old Alertmanager yet, so there is nothing to compare with."
	case len(r.Days) == 0:
		return when + ", neither the old Alertmanager nor Burnline told anything."
	}
	said := fmt.Sprintf("%s: %d told by both, %d only by the old Alertmanager, %d only by Burnline", when, both, old, own)
	if unknown > 0 {
		said += fmt.Sprintf("; %d can’t be compared", unknown)
	}
	return said + "."
}
