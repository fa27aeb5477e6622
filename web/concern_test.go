package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/auth/authtest"
	"burnline/slo"
)

// leftOver is silences in a world where an incident of an SLO that there is no more is open, and
// belongs to the team search.
type leftOver struct{ Silences }

func (leftOver) Preview(_ context.Context, r silences.Request) (silences.Preview, error) {
	open := alerting.Record{Incident: slo.Incident{Key: "k", SLO: "legacy/promise", Team: "search", Severity: slo.Page, Opened: noon}}
	return silences.Look(&alerting.Silence{Matchers: r.Matchers}, silences.World{At: noon, Definitions: threePromises(), Incidents: []alerting.Record{open}}, silences.DefaultLimits()), nil
}

func TestNobodyMutesOthersByAnotherWay(t *testing.T) {
	store := &authtest.Memory{}
	s := everything(t)
	shop := newShop(noon)
	shop.defs = threePromises()
	s.Engine, s.Ledger, s.Silences, s.Maintenance = shop, shop, leftOver{}, &works{}
	s.Access = Access{Keeper: keeperOf(t, store), SignIn: true, Provider: vouches{}}
	routes := s.routes()
	for i := range routes {
		routes[i].handler = func(c *gin.Context) { c.Status(reached); c.Writer.WriteHeaderNow() }
	}
	router := s.mount(routes)
	editor := people(t, s.Access.Keeper, store)["editor"]
	for _, c := range []struct {
		name, path, body string
		may              bool
	}{
		{"planned work on the own SLO", "/api/v1/maintenance", `{"title":"x","slos":["own/promise"],"for":"1h","by":"x","reason":"y"}`, true},
		{"planned work on what only an open incident of others has", "/api/v1/maintenance", `{"title":"x","slos":["legacy/*"],"for":"1h","by":"x","reason":"y"}`, false},
		{"the same by a form", "/maintenance", `title=x&slo=legacy%2Fpromise&for=1h&by=x&reason=y`, false},
		{"the same as a silence", "/api/v1/silences", `{"matchers":["slo=\"legacy/promise\""],"for":"1h","author":"x","reason":"y"}`, false},
		{"alerts to come of the own team", "/api/v1/silences", `{"matchers":["team=~\"payments\"","alertname=\"Later\""],"for":"1h","author":"x","reason":"y"}`, true},
		{"alerts to come of others", "/api/v1/silences", `{"matchers":["team=~\"sear.h\"","alertname=\"Later\""],"for":"1h","author":"x","reason":"y"}`, false},
	} {
		r, w := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body)), httptest.NewRecorder()
		if c.body[0] != '{' {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		editor(r)
		router.ServeHTTP(w, r)
		if (w.Code == reached) != c.may {
			t.Errorf("%s: an editor of payments is answered %d", c.name, w.Code)
		}
	}
}
