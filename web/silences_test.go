package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/harness/silencestore"
)

// silenceable serves the shop with silences.
func silenceable(t *testing.T) (*silencestore.Store, string) {
	t.Helper()
	store := &silencestore.Store{}
	shop := newShop(noon)
	ids := 0
	keeper, err := silences.New(silences.Options{
		Store: store, Limits: silences.DefaultLimits, Changed: func([]alerting.Silence) {}, Now: func() time.Time { return noon },
		NewID: func() string { ids++; return fmt.Sprintf("5f3c0000-0000-4000-8000-%012d", ids) },
		World: func(context.Context, time.Time) (silences.World, error) {
			return silences.World{Definitions: shop.Definitions(), Statuses: shop.Statuses(), Incidents: shop.records}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return store, serve(t, shop, func(o *Options) { o.Silences = keeper }).URL
}

// The form offers no length that is refused, and says what the limits are.
func TestThePageOfSilencesKeepsToTheLimitsInForce(t *testing.T) {
	limits := silences.Limits{MaxDuration: 36 * time.Hour, MaxBreadth: 0.1, Few: 0, Ceiling: 50}
	shop := newShop(noon)
	keeper, err := silences.New(silences.Options{
		Store: &silencestore.Store{}, Limits: func() silences.Limits { return limits }, Changed: func([]alerting.Silence) {},
		Now: func() time.Time { return noon }, NewID: func() string { return "5f3c" },
		World: func(context.Context, time.Time) (silences.World, error) {
			return silences.World{Definitions: shop.Definitions(), Statuses: shop.Statuses()}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, shop, func(o *Options) {
		o.Silences, o.SilenceLimits = keeper, func() silences.Limits { return limits }
	}).URL
	_, page := get(t, url+"/silences?matchers=service%3Dcheckout")
	for _, want := range []string{"<option>1d</option><option>1d12h</option></select>", "more than 10 %", "A silence lasts 1d12h at most"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	status, body := ask(t, "POST", url+"/api/v1/silences", `{"matchers": ["service=\"checkout\""], "for": "2h", "author": "ada", "reason": "r"}`)
	if status != http.StatusConflict || !strings.Contains(body, `"max_breadth":0.1`) {
		t.Errorf("one that mutes more than a tenth: %d %s", status, body)
	}
	if status, body := ask(t, "POST", url+"/api/v1/silences", `{"matchers": ["service=\"checkout\""], "for": "2d", "author": "ada", "reason": "r"}`); status != http.StatusUnprocessableEntity || !strings.Contains(body, "it lasts longer than 1d12h") {
		t.Errorf("one of two days: %d %s", status, body)
	}
}

const hush = `{"matchers": ["service=\"checkout\"", "severity=~\"page|ticket\""], "for": "2h", "author": "ada", "reason": "a new database"}`

func TestASilenceIsEnteredShownAndEnded(t *testing.T) {
	_, url := silenceable(t)
	api := url + "/api/v1/silences"
	status, body := ask(t, "POST", api+"/preview", hush)
	if status != http.StatusOK || !strings.Contains(body, `"id":"checkout/availability"`) || !strings.Contains(body, `"groups":[[{"name":"region"`) {
		t.Errorf("the preview is %d %s", status, body)
	}
	if _, body := get(t, api); body != `{"silences":[]}` {
		t.Errorf("a preview changed something: %s", body)
	}
	status, body = ask(t, "POST", api, hush)
	if status != http.StatusCreated || !strings.Contains(body, `"state":"active"`) || !strings.Contains(body, `"matchers":["service=\"checkout\"","severity=~\"page|ticket\""]`) {
		t.Fatalf("%d %s", status, body)
	}
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{api, api + "/" + made.ID} {
		status, body := get(t, address)
		if status != http.StatusOK || !strings.Contains(body, made.ID) {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	status, body = ask(t, "DELETE", api+"/"+made.ID+"?author=grace", "")
	if status != http.StatusOK || !strings.Contains(body, `"expired_by":"grace"`) || !strings.Contains(body, `"state":"expired"`) {
		t.Errorf("ended: %d %s", status, body)
	}
	if _, body := get(t, api); body != `{"silences":[]}` {
		t.Errorf("what is over is listed: %s", body)
	}
	if _, body := get(t, api+"?expired=true"); !strings.Contains(body, made.ID) {
		t.Errorf("what is over is not listed where asked to: %s", body)
	}
}

func TestAWrongSilenceIsRefusedWithWhatIsWrong(t *testing.T) {
	store, url := silenceable(t)
	api := url + "/api/v1/silences"
	for _, c := range []struct {
		name, method, address, body string
		status                      int
		want                        string
	}{
		{"no JSON", "POST", api, `{`, http.StatusBadRequest, "no silence"},
		{"far too long", "POST", api, `{"reason": "` + strings.Repeat("x", maxSilence) + `"}`, http.StatusRequestEntityTooLarge, "too large"},
		{"everything at once", "POST", api, `{}`, http.StatusUnprocessableEntity, `"field":"matchers"`},
		{"a matcher that can't be read", "POST", api, `{"matchers": ["("]}`, http.StatusUnprocessableEntity, "can't be read"},
		{"a preview of everything", "POST", api + "/preview", `{"matchers": ["a!=b"]}`, http.StatusUnprocessableEntity, "says what to mute"},
		{"a change of one that never was", "POST", api, strings.Replace(hush, "{", `{"id": "never was", `, 1), http.StatusNotFound, "No silence"},
		{"all SLOs", "POST", api, strings.Replace(hush, `service=\"checkout\"`, `slo=~\".+/.+\"`, 1), http.StatusConflict, `"wide":"it mutes`},
		{"one that never was", "GET", api + "/never-was", "", http.StatusNotFound, "No silence"},
		{"the end of one that never was", "DELETE", api + "/never-was?author=ada", "", http.StatusNotFound, "No silence"},
		{"an end by nobody", "DELETE", api + "/never-was?author=%20", "", http.StatusUnprocessableEntity, "write who ends it"},
		{"a flag that is none", "GET", api + "?expired=perhaps", "", http.StatusBadRequest, "true or false"},
	} {
		status, body := ask(t, c.method, c.address, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d %q", c.name, status, body, c.status, c.want)
		}
	}
	if _, body := get(t, api); body != `{"silences":[]}` {
		t.Errorf("something was changed: %s", body)
	}
	store.Break(errors.New("the disk is full"))
	for _, method := range []string{"GET", "POST"} {
		if status, body := ask(t, method, api, hush); status != http.StatusServiceUnavailable || !strings.Contains(body, "the disk is full") {
			t.Errorf("%s while the store is away: %d %s", method, status, body)
		}
	}
}
