package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
)

// takes serves the shop and keeps the acknowledgements that it is told.
func takes(t *testing.T, answer error) (http.Handler, *[]string) {
	t.Helper()
	shop := newShop(noon)
	var told []string
	h := handlerOf(t, Options{Engine: shop, Ledger: shop, System: shop, Now: func() time.Time { return noon },
		Acknowledge: func(_ context.Context, key, by, via string, _ time.Time) error {
			told = append(told, fmt.Sprintf("%s by %s via %s", key, by, via))
			return answer
		}})
	return h, &told
}

// openKey is the key of an incident of the shop that is open.
func openKey(t *testing.T) string {
	t.Helper()
	records, err := newShop(noon).Incidents(t.Context(), alerting.Filter{OnlyOpen: true})
	if err != nil || len(records) == 0 {
		t.Fatalf("the shop has no open incident: %v", err)
	}
	return records[0].Incident.Key
}

func TestAnAcknowledgementIsTakenFromPageAndAPI(t *testing.T) {
	key := openKey(t)
	form := func(by string) string { return url.Values{"by": {by}}.Encode() }
	const isForm, isJSON = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		name, path, kind, body, site string
		answer                       error
		status                       int
		told                         string
	}{
		{"the form", "/incidents/" + key + "/acknowledge", isForm, form(" Ada  Lovelace "), "same-origin", nil, 303, "[" + key + " by Ada Lovelace via web]"},
		{"the API", "/api/v1/incidents/" + key + "/acknowledge", isJSON, `{"by":"ada"}`, "", nil, 200, "[" + key + " by ada via api]"},
		{"a page of another site may not", "/incidents/" + key + "/acknowledge", isForm, form("ada"), "cross-site", nil, 403, "[]"},
		{"nobody", "/incidents/" + key + "/acknowledge", isForm, form(" "), "", nil, 422, "[]"},
		{"a name without end", "/incidents/" + key + "/acknowledge", isForm, form(strings.Repeat("a", 101)), "", nil, 422, "[]"},
		{"a body without end", "/api/v1/incidents/" + key + "/acknowledge", isJSON, `{"by":"` + strings.Repeat("a", 5000) + `"}`, "", nil, 413, "[]"},
		{"another key", "/api/v1/incidents/" + key + "/acknowledge", isJSON, `{"author":"ada"}`, "", nil, 400, "[]"},
		{"an incident that is not known", "/api/v1/incidents/none/acknowledge", isJSON, `{"by":"ada"}`, "", nil, 404, "[]"},
		{"one that is over", "/api/v1/incidents/" + key + "/acknowledge", isJSON, `{"by":"ada"}`, "", fmt.Errorf("it: %w", alerting.ErrNotOpen), 409, "[" + key + " by ada via api]"},
		{"the state is away", "/api/v1/incidents/" + key + "/acknowledge", isJSON, `{"by":"ada"}`, "", context.DeadlineExceeded, 503, "[" + key + " by ada via api]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, told := takes(t, c.answer)
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
			h.ServeHTTP(w, r)
			if got := fmt.Sprint(*told); w.Code != c.status || got != c.told {
				t.Errorf("got %d %s and %s, want %d and %s", w.Code, w.Body, got, c.status, c.told)
			}
		})
	}
}

func TestAnIncidentsPageSaysWhoHasIt(t *testing.T) {
	key := openKey(t)
	h, _ := takes(t, nil)
	page := func() string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/incidents/"+key, nil))
		return w.Body.String()
	}
	if got := page(); !strings.Contains(got, `action="/incidents/`+key+`/acknowledge"`) || strings.Contains(got, `id="holder"`) {
		t.Errorf("an incident that nobody has:\n%s", got)
	}
	shop := newShop(noon)
	records, err := shop.Incidents(t.Context(), alerting.Filter{OnlyOpen: true})
	if err != nil {
		t.Fatal(err)
	}
	records[0].Acks = []alerting.Acknowledgement{{Kind: alerting.AckTaken, By: "ada <b>", Via: "pagerduty", At: noon}}
	if a, has := records[0].Holder(); !has || a.By != "ada <b>" {
		t.Errorf("the holder is %+v", a)
	}
	said := ""
	for _, e := range (&reviews.Case{Record: records[0], Now: noon}).Timeline() {
		said += e.Title + " " + e.Text + "\n"
	}
	if !strings.Contains(said, "Acknowledged by ada <b> In PagerDuty.") {
		t.Errorf("the story is\n%s", said)
	}
}
