package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// bureau makes reports of a shop with a year of totals, as the desk does, with what it closed.
type bureau struct {
	now    time.Time
	defs   []*slo.Definition
	days   map[string][]slo.DayTotals
	in     report.Input
	source *report.Source
	closed []report.Report
	err    error
}

var _ Reports = (*bureau)(nil)

func (b *bureau) Totals(_ context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error {
	for _, d := range b.days[id] {
		if d.Day.AddDate(0, 0, 1).After(from) && d.Day.Before(to) {
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bureau) AllVersions(context.Context) ([]slo.Version, error) {
	return []slo.Version{
		{SLO: "edge/probe", Number: 1, Since: b.now.AddDate(-1, 0, 0), Objective: 99},
		{SLO: "checkout/latency", Number: 1, Since: b.now.AddDate(-1, 0, 0), Objective: 99.9},
		{SLO: "checkout/latency", Number: 2, Since: b.now.AddDate(0, 0, -40), Objective: 99, Lowered: true, Changes: []string{"the objective was lowered from 99.9% to 99%"}},
	}, nil
}

func (b *bureau) Zone() *time.Location { return time.UTC }

func (b *bureau) make(ctx context.Context, p report.Period, team string) (report.Report, error) {
	if b.err != nil {
		return report.Report{}, b.err
	}
	in := b.in
	in.Period, in.Zone = p, time.UTC
	all, err := b.source.Make(ctx, in, []string{team})
	if err != nil {
		return report.Report{}, err
	}
	return all[0], nil
}

func (b *bureau) Now(ctx context.Context, team string) (report.Report, error) {
	return b.make(ctx, report.PeriodOf(slo.Month, b.now, time.UTC), team)
}

func (b *bureau) Report(ctx context.Context, p report.Period, team string, revision int) (report.Report, bool, error) {
	for i := len(b.closed) - 1; i >= 0; i-- {
		if r := b.closed[i]; r.Period.Name == p.Name && r.Team == team && (revision == 0 || r.Revision == revision) {
			return r, true, nil
		}
	}
	if revision > 0 || !p.From.Before(b.now) {
		return report.Report{}, false, nil
	}
	r, err := b.make(ctx, p, team)
	return r, err == nil, err
}

func (b *bureau) Revisions(_ context.Context, period, team string) (all []report.Head, _ error) {
	for _, r := range b.closed {
		if r.Period.Name == period && r.Team == team {
			all = append([]report.Head{{Period: period, Team: team, Revision: r.Revision, Made: r.Made, Reason: r.Reason}}, all...)
		}
	}
	return all, b.err
}

func (b *bureau) Closed(ctx context.Context, team string) ([]report.Head, error) {
	var all []report.Head
	for _, r := range b.closed {
		heads, err := b.Revisions(ctx, r.Period.Name, team)
		if err != nil {
			return nil, err
		}
		if r.Revision == 1 && r.Team == team && len(heads) > 0 {
			all = append(all, heads[0])
		}
	}
	return all, b.err
}

// newBureau tells of teams with SLOs of every kind: kept, missed, excluded, silent, unowned and with a hostile name.
func newBureau(t *testing.T, now time.Time) *bureau {
	t.Helper()
	b := &bureau{now: now, days: map[string][]slo.DayTotals{}}
	last := report.PeriodOf(slo.Month, now, time.UTC).Before()
	for _, s := range []struct {
		id, team, tier string
		bad            float64
		days           int
	}{
		{"checkout/availability", "payments", "1", 0.2, 365}, {"checkout/latency", "payments", "1", 0.5, 365}, {"search/results", "discovery", "2", 0.1, 200},
		{"mail/receipts", "", "3", 0, 90}, {"edge/probe", "platform", "", 0, 0}, {"loyalty/points<script>", "payments", "2", 2.5, 365},
	} {
		service, name, _ := strings.Cut(s.id, "/")
		d := &slo.Definition{ID: s.id, Service: service, Name: name, Team: s.team, Objective: 99, Labels: map[string]string{}}
		d.Impact.PricePerFailedEvent, d.Window.Rolling = 0.4, 30*24*time.Hour
		if s.tier != "" {
			d.Labels["tier"] = s.tier
		}
		b.defs = append(b.defs, d)
		for i := range s.days {
			day := slo.DayTotals{SLO: s.id, Day: now.Truncate(24*time.Hour).AddDate(0, 0, -i)}
			for q := range day.Total {
				if now.Before(day.Day.Add(time.Duration(q) * 15 * time.Minute)) {
					break
				}
				day.Total[q], day.Good[q] = 100, 100-s.bad
				if i%23 == 5 && q > 60 && q < 80 {
					day.Good[q] = 20
				}
			}
			b.days[s.id] = append(b.days[s.id], day)
		}
	}
	at := last.From.AddDate(0, 0, 6).Add(9 * time.Hour)
	b.in = report.Input{Currency: "EUR", Services: []string{"checkout", "warehouse"}, Incidents: []report.Incident{
		{Key: "4be7a1c0d2f9", Title: "Buying <b>fails</b>", SLO: "checkout/availability", Team: "payments", Severity: slo.Page, Started: at, Opened: at.Add(2 * time.Minute), Acknowledged: at.Add(8 * time.Minute), Closed: at.Add(74 * time.Minute), Told: true, Customers: 1203},
		{Key: "2", Title: "Searching", SLO: "search/results", Team: "discovery", Severity: slo.Page, Started: at.AddDate(0, 0, 3).Add(16 * time.Hour), Opened: at.AddDate(0, 0, 3).Add(16 * time.Hour), Closed: at.AddDate(0, 0, 3).Add(18 * time.Hour), Told: true},
	}, Statuses: []slo.Status{{ID: "checkout/latency", At: now, State: slo.StateBurning, Budget: slo.BudgetStatus{Known: true, Remaining: 0.12, Exhausts: true, GoneIn: 50 * time.Hour}}}}
	corrections := []slo.Correction{{ID: "move", Kind: slo.Maintenance, Services: []string{"search"}, From: at, To: at.Add(5 * time.Hour), Reason: "we moved the cluster", Author: "ann"}}
	source, err := report.NewSource(report.SourceOptions{
		Store: b, Definitions: func() []*slo.Definition { return b.defs }, Held: func(string, time.Time) []slo.DayTotals { return nil },
		Corrections: func() []slo.Correction { return corrections }, Now: func() time.Time { return b.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.source = source
	b.close(t, last, "")
	b.close(t, last, "payments")
	return b
}

// close closes a period, first with a failure more than there was.
func (b *bureau) close(t *testing.T, p report.Period, team string) {
	t.Helper()
	now, err := b.make(t.Context(), p, team)
	if err != nil {
		t.Fatal(err)
	}
	first := now
	first.Revision, first.Reason = 1, "the period is over"
	first.Cost.Corrected += 1000
	now.Revision, now.Reason, now.Differences = 2, "corrections changed", report.Compare(&first, &now)
	b.closed = append(b.closed, first, now)
}

func TestTheReportStandsOnAPage(t *testing.T) {
	t.Parallel()
	srv := serve(t, newShop(noon), func(o *Options) { o.Reports = newBureau(t, noon) })
	last := report.PeriodOf(slo.Month, noon, time.UTC).Before()
	for path, want := range map[string][]string{
		"/reports": {"so far", "Reliability score", "Health by team and tier", "Twelve months", "Budgets that are gone", "warehouse", "Closed reports"},
		"/reports/" + last.Name: {"Revision 2 of", "because corrections changed", "What this revision changes", "The estimated cost", "we moved the cluster", "ann",
			"lowered: the objective was lowered from 99.9% to 99%", "Buying &lt;b&gt;fails&lt;/b&gt;", "1,203 customers", "points%3Cscript%3E", "100 × Σ weight × kept × known ÷ Σ weight"},
		"/reports/" + last.Name + "?team=payments":   {"team payments", "revision=2"},
		"/reports/" + last.Name + "?revision=1":      {"Closed as revision 1"},
		"/reports/2025-Q4":                           {"Not closed yet"},
		"/api/v1/reports/" + last.Name + "/html":     {"<style>", "Reliability report: ", "@page { size: A4"},
		"/api/v1/reports":                            {`"revision":2`, last.Name},
		"/api/v1/reports/now":                        {`"running":true`, `"sentences":[`},
		"/api/v1/reports/" + last.Name + "?team=web": {"nothing was promised"},
	} {
		res, body := get(t, srv.URL+path)
		if res != http.StatusOK {
			t.Errorf("%s answers %d: %s", path, res, body)
			continue
		}
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
		if strings.Contains(body, "<b>fails") || strings.Contains(body, "points<script>") && !strings.HasPrefix(path, "/api/v1/reports/now") {
			t.Errorf("%s has a name as it was written", path)
		}
	}
}

func TestAReportThatIsNotThereIsSaid(t *testing.T) {
	t.Parallel()
	b := newBureau(t, noon)
	srv := serve(t, newShop(noon), func(o *Options) { o.Reports = b })
	for path, want := range map[string]int{
		"/reports/2026-13": http.StatusBadRequest, "/reports/2099-01": http.StatusNotFound, "/api/v1/reports/2026-10?revision=0": http.StatusBadRequest,
		"/api/v1/reports/2026-10?revision=99": http.StatusNotFound, "/api/v1/reports/x/pdf": http.StatusBadRequest,
	} {
		if res, body := get(t, srv.URL+path); res != want {
			t.Errorf("%s answers %d, want %d: %.200s", path, res, want, body)
		}
	}
	b.err = context.DeadlineExceeded
	for _, path := range []string{"/reports", "/api/v1/reports", "/api/v1/reports/now"} {
		if res, _ := get(t, srv.URL+path); res != http.StatusServiceUnavailable {
			t.Errorf("%s answers %d while the store is away", path, res)
		}
	}
}

func TestTheFilesOfAReportSayWhatItsPageSays(t *testing.T) {
	t.Parallel()
	srv := serve(t, newShop(noon), func(o *Options) { o.Reports = newBureau(t, noon) })
	last := report.PeriodOf(slo.Month, noon, time.UTC).Before()
	_, body := get(t, srv.URL+"/api/v1/reports/"+last.Name)
	var r report.Report
	if err := json.Unmarshal([]byte(body), &r); err != nil || len(r.SLOs) != 6 {
		t.Fatalf("%d SLOs, %v", len(r.SLOs), err)
	}
	header, table := file(t, srv.URL+"/api/v1/reports/"+last.Name+"/csv")
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) != 7 || header.Get("Content-Disposition") != "attachment; filename*=UTF-8''burnline-"+last.Name+"-r2.csv" {
		t.Errorf("%d rows, %v, %v", len(rows), err, header)
	}
	header, pages := file(t, srv.URL+"/api/v1/reports/"+last.Name+"/pdf")
	if !strings.HasPrefix(pages, "%PDF-1.") || header.Get("Content-Type") != "application/pdf" || !bytes.HasSuffix(bytes.TrimSpace([]byte(pages)), []byte("%%EOF")) {
		t.Errorf("%s, %.20q", header.Get("Content-Type"), pages)
	}
	if _, again := file(t, srv.URL+"/api/v1/reports/"+last.Name+"/pdf"); again != pages {
		t.Error("the same report gives other bytes")
	}
}

func TestMessagesLeadToThePageAndTheFilesOfAReport(t *testing.T) {
	t.Parallel()
	b := newBureau(t, noon)
	srv := serve(t, newShop(noon), func(o *Options) { o.Reports = b })
	for _, r := range b.closed {
		for form, media := range map[string]string{"": "text/html", "pdf": asPDF, "csv": asCSV, "html": asHTML} {
			href := ReportHref(&r, srv.URL+"/", form)
			if header, _ := file(t, href); !strings.HasPrefix(header.Get("Content-Type"), media) {
				t.Errorf("%s answers %s, want %s", href, header.Get("Content-Type"), media)
			}
		}
	}
}

func TestTheCalendarHasABoxForEachDayAlsoWithoutMidnight(t *testing.T) {
	t.Parallel()
	r := report.Report{Zone: "America/Santiago", Calendar: []report.Month{{Name: "2026-09"}}}
	for _, date := range []string{"2026-09-05", "2026-09-06", "2026-09-07"} {
		r.Calendar[0].Days = append(r.Calendar[0].Days, report.CalendarDay{Date: date})
	}
	at := map[int]bool{}
	for _, box := range viewOf(&r).Calendar.Rows[0].Days {
		at[box.X] = true
	}
	if len(at) != 3 {
		t.Errorf("three days are at %v", at)
	}
}

// file reads a file that is answered.
func file(t *testing.T, url string) (http.Header, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d, %v: %.200s", url, resp.StatusCode, err, body)
	}
	return resp.Header, string(body)
}

func TestTheReportDrawsThePastOfItsOwnFigures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 12, 10, 0, 0, 0, time.UTC)
	b := newBureau(t, now)
	server := serve(t, newShop(now), func(o *Options) { o.Reports = b })
	for _, path := range []string{"/reports/2026-10", "/api/v1/reports/2026-10/html"} {
		_, page := get(t, server.URL+path)
		r := b.closed[1]
		for _, l := range r.SLOs {
			if want := (reportView{Report: &r}).SpentPast(l); len(want.Bars) != 12 || !strings.Contains(page, `aria-label="`+want.Summary+`"`) {
				t.Errorf("%s lacks the past of %s, %q", path, l.ID, want.Summary)
			}
		}
		if n := strings.Count(page, `aria-label="Score by month: `); n != len(r.Matrix) {
			t.Errorf("%s draws the scores of %d teams of %d", path, n, len(r.Matrix))
		}
	}
	for i := range b.closed { // one that was closed by an older program
		for j := range b.closed[i].SLOs {
			b.closed[i].SLOs[j].Past = nil
		}
	}
	if _, page := get(t, server.URL+"/reports/2026-10"); strings.Contains(page, `class="past"`) || strings.Contains(page, "twelve months</th>") {
		t.Error("a report without a past shows an empty column of it")
	}
}
