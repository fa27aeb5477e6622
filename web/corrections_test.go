package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
)

// ledgerOfCorrections keeps corrections in memory.
type ledgerOfCorrections struct {
	inForce, removed []slo.Correction
	defs             func() []*slo.Definition
	broken           error
}

func (l *ledgerOfCorrections) List(context.Context) (inForce, removed []slo.Correction, err error) {
	return l.inForce, l.removed, l.broken
}

func (l *ledgerOfCorrections) Add(_ context.Context, c slo.Correction) error {
	for _, have := range append(l.inForce, l.removed...) {
		if have.ID == c.ID {
			return corrections.ErrTaken
		}
	}
	l.inForce = append(l.inForce, c)
	return nil
}

func (l *ledgerOfCorrections) Remove(_ context.Context, id, by string) error {
	for i, c := range l.inForce {
		if c.ID == id && c.Source.File != "" {
			return corrections.ErrFile
		}
		if c.ID == id {
			c.Removed, c.RemovedBy = noon, by
			l.removed, l.inForce = append(l.removed, c), append(l.inForce[:i:i], l.inForce[i+1:]...)
			return nil
		}
	}
	return corrections.ErrUnknown
}

func (l *ledgerOfCorrections) Of(id string, from, to time.Time) []slo.Applied {
	var all []slo.Applied
	for _, d := range l.defs() {
		for _, c := range l.inForce {
			if in := c.Between(from, to); d.ID == id && c.Applies(d) && len(in) > 0 {
				all = append(all, slo.Applied{Correction: c, Intervals: in})
			}
		}
	}
	return all
}

// correctable serves the shop with corrections.
func correctable(t *testing.T) (*ledgerOfCorrections, string) {
	t.Helper()
	shop := newShop(noon)
	l := &ledgerOfCorrections{defs: shop.Definitions}
	return l, serve(t, shop, func(o *Options) { o.Corrections = l }).URL
}

// ask sends a request and returns status and body.
func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// entered is a maintenance that lasts at noon.
func entered(id string) string {
	return fmt.Sprintf(`{"id": %q, "kind": "maintenance", "services": ["checkout"], "from": %q, "to": %q, "rrule": "FREQ=WEEKLY",
		"timezone": "Europe/Berlin", "reason": "new database", "author": "ada"}`, id, noon.Add(-time.Hour).Format(time.RFC3339), noon.Add(time.Hour).Format(time.RFC3339))
}

func TestACorrectionIsEnteredShownAndRemoved(t *testing.T) {
	_, url := correctable(t)
	status, body := ask(t, "POST", url+"/api/v1/corrections", entered("deploy"))
	if status != http.StatusCreated || !strings.Contains(body, `"active":true`) || !strings.Contains(body, `"concerned_slos":2`) {
		t.Fatalf("%d %s", status, body)
	}
	if status, body = ask(t, "POST", url+"/api/v1/corrections", entered("")); status != http.StatusCreated || strings.Contains(body, `"id":""`) {
		t.Errorf("without an ID: %d %s", status, body)
	}
	if status, body = ask(t, "POST", url+"/api/v1/corrections", entered("deploy")); status != http.StatusConflict {
		t.Errorf("the ID again: %d %s", status, body)
	}
	for _, address := range []string{"/api/v1/slos/checkout/availability", "/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=50"} {
		status, body := get(t, url+address)
		if status != http.StatusOK || !strings.Contains(body, `"reason":"new database"`) || !strings.Contains(body, `"intervals":[{`) {
			t.Errorf("%s doesn't show it: %d", address, status)
		}
	}
	if _, body := get(t, url+"/api/v1/slos/search/latency"); strings.Contains(body, "new database") {
		t.Error("an SLO that it doesn't concern shows it")
	}
	if status, body = ask(t, "DELETE", url+"/api/v1/corrections/deploy", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("removed by nobody: %d %s", status, body)
	}
	for _, author := range []string{"%00", "%1b%5b2J", strings.Repeat("a", 1001)} {
		if status, body = ask(t, "DELETE", url+"/api/v1/corrections/deploy?author="+author, ""); status != http.StatusUnprocessableEntity {
			t.Errorf("removed by %.20s: %d %.100s", author, status, body)
		}
	}
	status, body = ask(t, "DELETE", url+"/api/v1/corrections/deploy?author=grace", "")
	if status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if status, body = ask(t, "DELETE", url+"/api/v1/corrections/deploy?author=grace", ""); status != http.StatusNotFound {
		t.Errorf("removed twice: %d %s", status, body)
	}
	status, body = get(t, url+"/api/v1/corrections?removed=true")
	if status != http.StatusOK || strings.Count(body, "new database") != 2 || !strings.Contains(body, `"removed_by":"grace"`) {
		t.Errorf("%d %s", status, body)
	}
	if _, body = get(t, url+"/api/v1/corrections"); strings.Contains(body, "grace") {
		t.Errorf("removed ones are listed unasked: %s", body)
	}
}

func TestABadCorrectionIsRefusedWithAllThatIsWrong(t *testing.T) {
	l, url := correctable(t)
	status, body := ask(t, "POST", url+"/api/v1/corrections", `{"id": "x", "kind": "holiday", "from": "soon", "to": "2026-01-01", "rrule": "FREQ=SECONDLY"}`)
	var refusal struct {
		Findings []slo.Problem `json:"findings"`
	}
	if err := json.Unmarshal([]byte(body), &refusal); err != nil || status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s %v", status, body, err)
	}
	for _, field := range []string{"kind", "from", "slos", "reason", "author"} {
		if !strings.Contains(fmt.Sprint(refusal.Findings), field) {
			t.Errorf("nothing is said of %s: %v", field, refusal.Findings)
		}
	}
	for body, want := range map[string]int{
		`{"id": "x", "author": "a", "colour": "red"}`: http.StatusBadRequest,
		`not JSON`: http.StatusBadRequest,
		`{"reason": "` + strings.Repeat("x", 100_000) + `"}`:   http.StatusRequestEntityTooLarge,
		strings.Replace(entered("x"), "checkout", "[check", 1): http.StatusUnprocessableEntity,
	} {
		if status, answer := ask(t, "POST", url+"/api/v1/corrections", body); status != want {
			t.Errorf("%.60s: %d %s, want %d", body, status, answer, want)
		}
	}
	if len(l.inForce) > 0 {
		t.Errorf("in force are %+v", l.inForce)
	}
}

func TestACorrectionOfAFileIsRemovedThere(t *testing.T) {
	l, url := correctable(t)
	l.inForce = []slo.Correction{{ID: "nightly", Source: slo.Source{File: "slos/nightly.yaml", Line: 3}}}
	if status, body := ask(t, "DELETE", url+"/api/v1/corrections/nightly?author=ada", ""); status != http.StatusConflict || !strings.Contains(body, "remove it there") {
		t.Errorf("%d %s", status, body)
	}
	l.broken = fmt.Errorf("the database is away")
	if status, _ := get(t, url+"/api/v1/corrections"); status != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d", status)
	}
}

func TestTheSentenceOfCorrectionsCountsWhatTakesTimeOut(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	works := correctionRow{Correction: slo.Correction{Reason: "upgrade"}, Concerned: 2}
	slip := correctionRow{Correction: slo.Correction{Reason: "a slip"}}
	for _, c := range []struct {
		active []correctionRow
		want   string
	}{
		{[]correctionRow{works}, "1 correction takes time out of error budgets now: upgrade."},
		{[]correctionRow{works, works}, "2 corrections take time out of error budgets now."},
		{[]correctionRow{slip, works}, "1 correction takes time out of error budgets now: upgrade. 1 active one concerns no SLO that there is."},
		{[]correctionRow{slip, slip}, "No correction takes time out of error budgets now. 2 active ones concern no SLO that there is."},
		{nil, "No correction is active, and none is coming."},
	} {
		if got := correctionsSentence(c.active, nil, at); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestACorrectionIsEnteredAndRemovedByForms(t *testing.T) {
	l := &ledgerOfCorrections{}
	s := newShop(noon)
	l.defs = s.Definitions
	url := serve(t, s, func(o *Options) { o.Corrections = l }).URL
	_, page := get(t, url+"/corrections?slo=checkout%2Favailability")
	for _, want := range []string{`value="checkout/availability"`, `value="` + noon.UTC().Format("2006-01-02 15:04") + `"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form offers no %s", want)
		}
	}
	wrong := "kind=exclusion&from=yesterday&to=2026-03-01+04%3A00&timezone=Europe%2FBerlin&reason=the+%3Ccard%3E+network"
	status, page := submit(t, url+"/corrections", wrong)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong form is answered %d", status)
	}
	for _, want := range []string{"&#34;yesterday&#34; is no moment", "author", "at least one of slos", `value="the &lt;card&gt; network"`, `value="exclusion" checked`, `value="Europe/Berlin"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a wrong form says nothing of %s", want)
		}
	}
	if len(l.inForce) != 0 {
		t.Fatalf("a wrong form put %v in force", l.inForce)
	}
	status, _ = submit(t, url+"/corrections", "kind=exclusion&slos=checkout%2F*,+search%2F*&from=2026-03-01+02%3A00&to=2026-03-01+04%3A00&timezone=Europe%2FBerlin&reason=cards&author=ada")
	if status != http.StatusSeeOther || len(l.inForce) != 1 {
		t.Fatalf("a right form is answered %d, and %d are in force", status, len(l.inForce))
	}
	one := l.inForce[0]
	if want := []string{"checkout/*", "search/*"}; !slices.Equal(one.SLOs, want) || !one.From.Equal(time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)) || one.Author != "ada" {
		t.Errorf("in force is %+v", one)
	}
	if _, page = get(t, url+"/corrections"); !strings.Contains(page, `action="/corrections/`+one.ID+`/remove"`) {
		t.Error("what was entered can't be removed where it is shown")
	}
	for _, c := range []struct {
		name, by string
		status   int
	}{{"by nobody", "", http.StatusUnprocessableEntity}, {"by somebody", "author=grace", http.StatusSeeOther}, {"again", "author=grace", http.StatusNotFound}} {
		if status, _ := submit(t, url+"/corrections/"+one.ID+"/remove", c.by); status != c.status {
			t.Errorf("removed %s: %d, want %d", c.name, status, c.status)
		}
	}
	if len(l.inForce) != 0 || l.removed[0].RemovedBy != "grace" {
		t.Errorf("in force is %v, removed %v", l.inForce, l.removed)
	}
}
