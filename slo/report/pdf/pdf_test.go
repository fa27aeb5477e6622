package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// many is a report of n SLOs and incidents, with texts that nobody would write.
func many(t *testing.T, n int, name string) *report.Report {
	t.Helper()
	p, err := report.ParsePeriod("2026-10", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	score := 42.5
	r := &report.Report{Period: p, Zone: "Europe/Berlin", Team: name, Made: p.To.AddDate(0, 0, 1), Revision: 2, Reason: name, Sentences: []string{name, name, name},
		Score: report.Score{Corrected: &score}, Tiers: []string{"1", ""}, Differences: []report.Difference{{Words: name}},
		Coverage: report.Coverage{NoData: []string{name}, Services: true}, Changes: []report.PromiseChange{{SLO: name, Kind: "lowered", Words: []string{name}}},
		Exclusions: []report.Exclusion{{Reason: name, Author: name}}}
	for i := range n {
		id := fmt.Sprintf("%s/%d", name, i)
		r.SLOs = append(r.SLOs, report.Line{ID: id, Team: name, Stretch: report.Stretch{Objective: 99.9, Corrected: report.Side{State: report.Missed, Total: 10, Bad: 1, Attained: 90}}})
		r.Consumers = append(r.Consumers, id)
		r.Incidents = append(r.Incidents, report.Incident{Title: name, SLO: id, Severity: slo.Page, Started: p.From, Closed: p.From.Add(time.Hour)})
		r.Matrix = append(r.Matrix, report.MatrixRow{Team: id, Cells: []report.Cell{{Healthy: 1, Exhausted: 2}, {}}})
	}
	for _, look := range []report.States{{Kept: 1}, {Missed: 1}, {NoData: 1}} {
		r.Calendar = append(r.Calendar, report.Month{Name: "2026-10", Days: []report.CalendarDay{{Date: "2026-10-01", Met: look}, {Date: "no date"}}})
	}
	return r
}

var sheets = regexp.MustCompile(`/Type /Page\b[^s]`)

func TestAnyTextAndAnyNumberOfRowsFitsOnA4(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rows  int
		pages [2]int
	}{
		{"Zahlungsströme größer als üblich", 3, [2]int{1, 3}},
		{"short", 0, [2]int{1, 2}},
		{"a", 300, [2]int{8, 40}},
		{"ein-sehr-langer-name-ohne-ein-einziges-leerzeichen-der-in-keine-spalte-passt-und-noch-laenger-wird-als-das", 20, [2]int{2, 20}},
		{"漢字 🙂 \x00\n\t\u202e עברית {pages} \\ ( )", 3, [2]int{1, 3}},
	} {
		var first, second bytes.Buffer
		r := many(t, c.rows, c.name)
		if err := Write(&first, r); err != nil {
			t.Errorf("%q: %v", c.name, err)
			continue
		}
		if n := len(sheets.FindAll(first.Bytes(), -1)); n < c.pages[0] || n > c.pages[1] {
			t.Errorf("%q: %d pages, want %d to %d", c.name, n, c.pages[0], c.pages[1])
		}
		if !bytes.Contains(first.Bytes(), []byte("/MediaBox [0 0 595.28 841.89]")) {
			t.Errorf("%q: it is not A4", c.name)
		}
		if err := Write(&second, r); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%q: the same report gives other bytes, %v", c.name, err)
		}
	}
	if err := Write(&bytes.Buffer{}, &report.Report{Zone: "Nowhere/Land"}); err == nil {
		t.Error("a time zone that is not there is taken")
	}
}
