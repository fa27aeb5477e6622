package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"burnline/alerting/reviews"
	"burnline/slo"
)

const checkoutPage = "/incidents/4be7a1c0d2f9"

func TestAnIncidentsPageSaysFirstWhatToDoAndThenWhy(t *testing.T) {
	s := newShop(noon)
	status, page := get(t, serve(t, s, oncall(t, s, noon)).URL+checkoutPage)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	at := 0
	for _, want := range []string{
		"Buying: 1 in 4 requests fails.", `id="now"`, "Acknowledge</button>", "https://runbooks.example.com/checkout", "Silence …", "Start maintenance …",
		"A receiver refused", `id="impact"`, "312", "cloud.region=eu", "payment 1.5.0", "the bank does not answer",
		`id="told"`, "Left now", "payments-leads", "Silenced now", "the bank knows", `id="burn"`, `data-chart="burn"`, `id="timeline"`, "Note by Ada Moreau", "Add the note", `id="after"`, "Time out after 2 s", "Useful or noise?", `id="messages"`,
	} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("%q does not come where it should:\n%s", want, page[at:])
		}
		at += i
	}
	if !strings.Contains(page, `hx-get="/silences?matchers=slo%3D%22checkout%2Favailability%22`) {
		t.Error("the preview of the silence is not asked for")
	}
}

func TestAFormThatIsTooLargeIsNotRead(t *testing.T) {
	s := newShop(noon)
	keeper, _ := reviewed(t, s, noon)
	h, err := New(Options{Engine: s, Ledger: s, System: s, Reviews: keeper, Limits: unbounded(), Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	form, most := "by=ada&text="+strings.Repeat("x", 9<<20), int64(1<<20)
	for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		for _, path := range []string{"/notes", "/verdict", "/actions", "/actions/a1"} {
			body := strings.NewReader(form)
			if kind[0] == 'm' {
				body = strings.NewReader("--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + form)
			}
			size := body.Size()
			r, w := httptest.NewRequest(http.MethodPost, checkoutPage+path, body), httptest.NewRecorder()
			r.Header.Set("Content-Type", kind)
			h.ServeHTTP(w, r)
			if read := size - int64(body.Len()); read > most || w.Code/100 != 4 {
				t.Errorf("%s as %s: %d bytes are read, and it is answered %d", path, kind, read, w.Code)
			}
		}
	}
}

func TestWhatPeopleWriteIsTakenFromPageAndAPI(t *testing.T) {
	s := newShop(noon)
	keeper, _ := reviewed(t, s, noon)
	base := serve(t, s, func(o *Options) { o.Reviews = keeper }).URL
	api := base + "/api/v1" + checkoutPage
	for _, c := range []struct{ path, body, want string }{
		{"/notes", `{"by": "ada", "text": "seen"}`, `"text":"seen"`},
		{"/verdict", `{"by": "ada", "value": "useful", "why": "real"}`, `"value":"useful"`},
		{"/actions", `{"by": "ada", "text": "mend it", "owner": "ben", "due": "2026-12-01"}`, `"owner":"ben"`},
		{"/actions/a1", `{"by": "ada", "done": true}`, `"done_by":"ada"`},
	} {
		if status, body := ask(t, http.MethodPost, api+c.path, c.body); status/100 != 2 || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
	}
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/notes", `{"by": "ada"}`, 422, "write what is to be kept"},
		{"/notes", `{"who": "ada"}`, 400, "unknown field"},
		{"/notes", `{"by": "a", "text": "b"}{}`, 400, "more than one JSON object"},
		{"/verdict", `{"by": "ada", "value": "so so"}`, 422, "useful or noise"},
		{"/actions", `{"by": "ada", "text": "x", "owner": "b", "due": "2020-01-01"}`, 422, "is over"},
		{"/actions/none", `{"by": "ada", "done": true}`, 404, "no action"},
	} {
		if status, body := ask(t, http.MethodPost, api+c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s", c.path, c.body, status, body)
		}
	}
	if status, _ := ask(t, http.MethodPost, base+"/api/v1/incidents/none/notes", `{"by": "ada", "text": "x"}`); status != http.StatusNotFound {
		t.Errorf("a note of an incident that is not known: %d", status)
	}
	for path, fields := range map[string]url.Values{"/notes": {"by": {"cy"}, "text": {"by the form\r\nsecond line"}}, "/verdict": {"by": {"cy"}, "value": {"noise"}},
		"/actions": {"by": {"cy"}, "text": {"<b>x</b>"}, "owner": {"dee"}, "due": {"2026-12-02"}}, "/actions/a1": {"by": {"cy"}}} {
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm(base+checkoutPage+path, fields)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), checkoutPage+"#") {
			t.Errorf("%s: %d to %s", path, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
	_, body := get(t, api+"/review")
	var kept ReviewJSON
	if err := json.Unmarshal([]byte(body), &kept); err != nil || len(kept.Notes) != 3 || kept.Verdict == nil || kept.Verdict.Value != reviews.Noise || len(kept.Verdicts) != 2 || len(kept.Actions) != 3 || !kept.Actions[0].Open() {
		t.Errorf("kept is %s, %v", body, err)
	}
	if _, page := get(t, base+checkoutPage); strings.Contains(page, "<b>x</b>") || !strings.Contains(page, "&lt;b&gt;x&lt;/b&gt;") {
		t.Error("what people write is not escaped")
	}
}

func TestATimelineAndADraftComeFromTheRecord(t *testing.T) {
	s := newShop(noon)
	srv := serve(t, s, func(o *Options) { oncall(t, s, noon)(o); o.ExternalURL = "https://burnline.example.com" })
	_, body := get(t, srv.URL+"/api/v1"+checkoutPage+"/timeline")
	var line TimelineJSON
	if err := json.Unmarshal([]byte(body), &line); err != nil || len(line.Missing) != 0 {
		t.Fatalf("%s, %v", body, err)
	}
	said := ""
	for _, e := range line.Events {
		said += string(e.Kind) + " "
	}
	for _, want := range []reviews.Kind{reviews.KindTransition, reviews.KindDelivery, reviews.KindChange, reviews.KindSilence, reviews.KindNote, reviews.KindAction} {
		if !strings.Contains(said, string(want)) {
			t.Errorf("the timeline tells of no %s: %s", want, said)
		}
	}
	resp, err := http.Get(srv.URL + checkoutPage + "/postmortem.md")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="postmortem-2026-11-22-1146.md"` || resp.Header.Get("Content-Type") != "text/markdown; charset=utf-8" {
		t.Errorf("it comes as %s %s", got, resp.Header.Get("Content-Type"))
	}
	_, body = get(t, srv.URL+"/api/v1"+checkoutPage+"/postmortem")
	var draft PostmortemJSON
	if err := json.Unmarshal([]byte(body), &draft); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Postmortem: Buying", "[4be7a1c0d2f9](https://burnline.example.com/incidents/4be7a1c0d2f9)", "Budget spent: about", "312", "payment 1.5.0", "## Why it happened", "Time out after 2 s"} {
		if !strings.Contains(draft.Markdown, want) {
			t.Errorf("the draft does not say %q:\n%s", want, draft.Markdown)
		}
	}
	if status, _ := get(t, srv.URL+"/incidents/none/postmortem.md"); status != http.StatusNotFound {
		t.Errorf("a draft of nothing: %d", status)
	}
}

func TestWhatCantBeReadIsSaidToBeMissing(t *testing.T) {
	s := newShop(noon)
	keeper, store := reviewed(t, s, noon)
	srv := serve(t, s, func(o *Options) { o.Reviews = keeper })
	store.Break(errors.New("PostgreSQL is away"))
	if status, page := get(t, srv.URL+checkoutPage); status != http.StatusOK || !strings.Contains(page, "What people wrote can&#39;t be read at the moment: PostgreSQL is away") {
		t.Errorf("%d %s", status, page)
	}
	for path, want := range map[string]int{"/api/v1" + checkoutPage + "/review": 503, "/api/v1" + checkoutPage + "/timeline": 200, "/api/v1/actions": 503, "/review": 503, "/api/v1/handover": 503} {
		if status, body := get(t, srv.URL+path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestAWeekIsReviewed(t *testing.T) {
	s := newShop(noon)
	srv := serve(t, s, func(o *Options) { oncall(t, s, noon)(o); o.Teams = &promises{} })
	_, body := get(t, srv.URL+"/api/v1/review?week=2026-W47")
	var w WeekJSON
	if err := json.Unmarshal([]byte(body), &w); err != nil || w.Name != "2026-W47" || w.Sums.Pages != 2 || w.Sums.Noise != 1 || len(w.Overdue) != 1 {
		t.Errorf("%s, %v", body, err)
	}
	_, page := get(t, srv.URL+"/review?week=2026-W47")
	for _, want := range []string{"So far this week people were sent 2 pages", "judged noise", "checkout/availability", "a load test", "Announce load tests", "/review?week=2026-W46", "22:00-07:00 UTC"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if _, page := get(t, srv.URL+"/review"); !strings.Contains(page, "Review of 2026-W46") || !strings.Contains(page, "/review?week=2026-W47") {
		t.Errorf("without a name it is the week before:\n%s", page)
	}
	for _, path := range []string{"/api/v1/review?week=next", "/review?week=2026-W60"} {
		if status, _ := get(t, srv.URL+path); status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestATeamsNightIsThatOfItsOwnClock(t *testing.T) {
	s := newShop(noon)
	s.change(func() { s.records[2].Incident.Team = "payments" }) // told at 12:01 UTC
	for zone, want := range map[string]bool{"": false, "Asia/Tokyo": false, "America/Los_Angeles": true} {
		p := &promises{}
		p.teams = []slo.Team{{Name: "payments", Zone: zone}}
		keeper, _ := reviewed(t, s, noon)
		_, body := get(t, serve(t, s, func(o *Options) { o.Reviews, o.Teams = keeper, p }).URL+"/api/v1/review?week=2026-W47")
		var w WeekJSON
		if err := json.Unmarshal([]byte(body), &w); err != nil || (w.Sums.Night == 1) != want {
			t.Errorf("in %q: %s, %v", zone, body, err)
		}
	}
}

func TestAShiftIsHandedOver(t *testing.T) {
	s := newShop(noon)
	srv := serve(t, s, oncall(t, s, noon))
	_, body := get(t, srv.URL+"/api/v1/handover")
	var h HandoverJSON
	if err := json.Unmarshal([]byte(body), &h); err != nil || !h.To.Equal(noon) || h.To.Sub(h.From) != 12*time.Hour || len(h.Open) != 1 || len(h.Actions) != 2 || len(h.Ending) != 1 {
		t.Errorf("%s, %v", body, err)
	}
	_, page := get(t, srv.URL+"/handover?from=2026-11-19T00:00&to=2026-11-22T12:00")
	for _, want := range []string{"1 incident is open, and nobody has it; 2 others ended in this time.", "the bank knows", "search/latency", "Announce load tests", "overdue", "Copy as Markdown", "# Hand-over, 2026-11-19 00:00 UTC", "3 budgets"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if _, text := get(t, srv.URL+"/handover.md"); !strings.Contains(text, "## Budgets nearly spent") {
		t.Error(text)
	}
	for _, q := range []string{"?from=yesterday", "?from=1700000000&to=1600000000", "?from=1600000000"} {
		if status, _ := get(t, srv.URL+"/api/v1/handover"+q); status != http.StatusBadRequest {
			t.Errorf("%s: %d", q, status)
		}
	}
	if _, body := get(t, srv.URL+"/api/v1/actions"); !strings.Contains(body, `"a2"`) || strings.Index(body, `"a2"`) > strings.Index(body, `"a1"`) {
		t.Errorf("the open actions are %s", body)
	}
}

func TestASilenceAndAMaintenanceStartFromTheIncidentsPage(t *testing.T) {
	s := newShop(noon)
	work := &works{}
	srv := serve(t, s, func(o *Options) { oncall(t, s, noon)(o); o.Maintenance = work })
	post := func(path string, fields url.Values) *http.Response {
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm(srv.URL+path, fields)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp
	}
	fields := url.Values{"slo": {"checkout/availability"}, "title": {"A new bank"}, "for": {"1h"}, "reason": {"CHG-1"}, "by": {"ada"}, "back": {checkoutPage}}
	if resp := post("/maintenance", fields); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != checkoutPage || len(work.all) != 1 || work.all[0].SLOs[0] != "checkout/availability" {
		t.Errorf("%d to %s; %+v", resp.StatusCode, resp.Header.Get("Location"), work.all)
	}
	fields.Set("back", "//evil.example.com/slo/")
	if resp := post("/maintenance", fields); resp.Header.Get("Location") != "/corrections" {
		t.Errorf("it leads to %s", resp.Header.Get("Location"))
	}
	fields.Set("for", "long")
	if resp := post("/maintenance", fields); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong length: %d", resp.StatusCode)
	}
	silence := url.Values{"matchers": {`slo="checkout/availability"`}, "for": {"2h"}, "reason": {"r"}, "author": {"ada"}, "confirmed": {"1"}, "back": {checkoutPage}}
	if resp := post("/silences", silence); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != checkoutPage {
		t.Errorf("%d to %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if _, page := get(t, srv.URL+"/slo/checkout/availability"); !strings.Contains(page, `action="/maintenance"`) {
		t.Error("an SLO's page starts no maintenance")
	}
}

func TestAClosedIncidentOffersNothingToDoNow(t *testing.T) {
	s := newShop(noon)
	h := handlerOf(t, Options{Engine: s, Ledger: s, System: s, Now: func() time.Time { return noon }, Reviews: func() Reviews { k, _ := reviewed(t, s, noon); return k }(), Maintenance: &works{},
		Silences: silencesOf(t, s, noon), Acknowledge: acknowledging(s)})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/incidents/9cd812", nil))
	page := w.Body.String()
	for _, never := range []string{`id="acknowledge"`, `id="silence-now"`, `id="maintain"`} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	for _, want := range []string{"It is over", "noise</b>", "a load test", "Spent by this"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}
