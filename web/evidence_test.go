package web

import (
	"strings"
	"testing"

	"burnline/slo"
)

func TestAnIncidentsPageSaysWhomItHurtsWhereAndSinceWhichChange(t *testing.T) {
	key := openKey(t)
	for _, c := range []struct {
		name   string
		edit   func(*slo.Evidence)
		none   bool
		want   []string
		absent []string
	}{
		{"all is known", func(*slo.Evidence) {}, false, []string{"at least 312 of 1,204", "not every failure names a customer", `at <time datetime="2026-11-22T11:59:40Z"`, "1,204 of 4,816", "about 42,140 EUR", "payment.method", "98 %",
			`href="https://ci.example.com/42"`, "deploy payment 1.5.0", "4 min before it began", `href="/traces/4bf92f3577b34da6a3ce929d0e0e4736"`,
			"payment charge card: the bank does not answer", "4 % of the failed events name no customer (enduser.id)."}, []string{"not known"}},
		{"an estimate says so", func(e *slo.Evidence) {
			e.Impact.Customers.Error, e.Impact.Customers.HurtExact, e.Impact.EventsEstimated = 0.008125, false, true
		}, false, []string{"estimate, ±0.81", "estimate, from spans"}, nil},
		{"not all was seen", func(e *slo.Evidence) { e.Impact.AtLeast = true }, false, []string{"at least 312 of 1,204", "not all was seen"}, nil},
		{"nobody is named", func(e *slo.Evidence) { e.Impact.Customers = nil }, false, []string{"no span names one"}, []string{"customers hurt"}},
		{"everywhere", func(e *slo.Evidence) { e.Where.Everywhere, e.Where.Explanations = true, nil }, false, []string{"It is everywhere"}, nil},
		{"nothing could be compared", func(e *slo.Evidence) { e.Where = nil }, false, []string{"Where it fails is not known"}, nil},
		{"nothing is known", nil, true, []string{"Whom it hurts and where is not known"}, []string{"What changed"}},
		{"a link that is none", func(e *slo.Evidence) { e.Changes[0].Change.Link = "javascript:alert(1)" }, false, nil, []string{"javascript:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := knownOfCheckout(noon)
			if c.none {
				e = nil
			} else {
				c.edit(e)
			}
			srv := serve(t, newShop(noon), func(o *Options) { o.Evidence = func(string) *slo.Evidence { return e } })
			_, body := get(t, srv.URL+"/incidents/"+key)
			body = strings.ReplaceAll(body, "\u00a0", " ")
			for _, part := range c.want {
				if !strings.Contains(body, part) {
					t.Errorf("the page does not say %q", part)
				}
			}
			for _, part := range c.absent {
				if strings.Contains(body, part) {
					t.Errorf("the page says %q", part)
				}
			}
		})
	}
}

func TestTheAPIHasTheEvidenceInTheDescribedShape(t *testing.T) {
	key := openKey(t)
	srv := serve(t, newShop(noon), func(o *Options) { o.Evidence = func(string) *slo.Evidence { return knownOfCheckout(noon) } })
	_, body := get(t, srv.URL+"/api/v1/incidents/"+key)
	for _, part := range []string{`"hurt":312`, `"live":true`, `"before_seconds":240`, `"name":"customers hurt"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the answer has no %s", part)
		}
	}
}
