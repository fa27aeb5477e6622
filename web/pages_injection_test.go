package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/alerting/shadow"
	"burnline/alerting/silences"
	"burnline/internal/auth"
	"burnline/internal/harness/nasty"
	"burnline/internal/harness/reviewstore"
	"burnline/internal/harness/silencestore"
	"burnline/internal/tracesearch/tracetest"
	"burnline/slo"
	"burnline/slo/changes"
)

// infected is a server in which a text stands in every place that others write to, with somebody signed in.
func infected(t *testing.T, text string) *house {
	t.Helper()
	s, at := newShop(noon), noon.Add(-10*time.Minute)
	keep := []string{"ID", "Key", "SLO", "Service", "Name", "Slug", "File", "Dialect", "NoData", "Severity", "Group", "Groups", "Source", "Origin"}
	for _, part := range []any{&s.defs, &s.statuses, &s.health} {
		nasty.Fill(part, text, keep...)
	}
	nasty.Fill(&s.records, text, "ID", "Key", "SLO", "SLOs", "Group", "Groups", "Integration", "Origin")
	for i := range s.records {
		s.records[i].Acks = append(s.records[i].Acks, alerting.Acknowledgement{Kind: alerting.AckTaken, By: text, Via: text, At: at})
	}
	p, evidence, firing := newPromises(t, noon), knownOfCheckout(noon), diskAlerts(2, noon)
	for _, part := range []any{p.corrections, &p.versions, &p.teams, evidence, &firing} {
		nasty.Fill(part, text, "ID", "SLO", "Name", "Trace", "Span", "Key")
	}
	p.corrections.defs = s.Definitions
	traces := &tracetest.Memory{}
	traces.Add(tracetest.Build(1, at, tracetest.Span{Service: text, Name: text, Took: time.Second, Kind: ptrace.SpanKindServer, Error: text, Attributes: []string{text, text, "enduser.id", text}},
		tracetest.Span{Parent: 1, Service: "shop", Name: text, Took: time.Second, Kind: ptrace.SpanKindClient, Error: text, Attributes: []string{"who", text}}))
	kept := &memory{all: []slo.ChangeEvent{{ID: "c1", Kind: slo.ChangeDeploy, At: at, Service: "checkout", Title: text, Version: text, By: text, Link: text, Source: text, Labels: map[string]string{"region": text}}}}
	told, err := changes.New(changes.Options{Store: kept, Now: func() time.Time { return noon }, NewID: func() string { return "c2" }})
	if err == nil {
		err = told.Open(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *Options) {
		oncall(t, newShop(noon), noon)(o)
		o.Engine, o.Ledger, o.System, o.Now, o.Alerts, o.Corrections, o.Versions, o.Teams = s, s, s, func() time.Time { return noon }, firing, p.corrections, p, p
		o.Evidence = func(string) *slo.Evidence { return evidence }
		o.Acknowledge, o.WhatIf, o.Heat, o.Traces, o.Changes = acknowledging(s), replayed, warm, traces, told
		o.Reviews, o.Silences, o.Shadow, o.Reports = infectedReviews(t, s, text), infectedSilences(t, s, text), infectedShadow(t, s, text), infectedReports(t, text)
		o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
			return evidence.Where, nil
		}
		o.Access.Note = text
	})
	h.signIn("ada", goodPassword, "/")
	infectAccess(t, h, text)
	return h
}

func infectedReviews(t *testing.T, s *shop, text string) *reviews.Keeper {
	t.Helper()
	store := &reviewstore.Store{}
	k, err := reviews.New(store, s, func() time.Time { return noon })
	if err == nil {
		err = store.AddReview(t.Context(), reviews.Review{Incident: openRecord(s).Incident.Key, Notes: []reviews.Note{{ID: "n1", By: text, At: noon.Add(-time.Minute), Text: text}},
			Verdicts: []reviews.Verdict{{Value: reviews.Noise, By: text, At: noon.Add(-time.Minute), Why: text}},
			Actions:  []reviews.Action{{ID: "a1", Incident: openRecord(s).Incident.Key, Text: text, Owner: text, Due: "2026-12-01", By: text, At: noon.Add(-time.Minute)}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func infectedSilences(t *testing.T, s *shop, text string) *silences.Keeper {
	t.Helper()
	store := &silencestore.Store{}
	k, err := silences.New(silences.Options{Store: store, Limits: silences.DefaultLimits, Changed: func([]alerting.Silence) {}, Now: func() time.Time { return noon }, NewID: func() string { return "s1" },
		World: func(context.Context, time.Time) (silences.World, error) {
			return silences.World{At: noon, Definitions: s.Definitions(), Statuses: s.Statuses(), Incidents: s.records}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	in := silences.Input{Matchers: []string{`slo="checkout/availability"`}, For: "3h", Author: "x", Reason: "y", Confirmed: true}
	r, err := in.Request(noon)
	if err == nil {
		for _, m := range r.Matchers {
			m.Value = text
		}
		err = store.EditSilence(t.Context(), "s1", func(*alerting.Silence) ([]alerting.Silence, error) {
			return []alerting.Silence{{ID: "s1", Matchers: r.Matchers, StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(time.Hour), Author: text, Reason: text, UpdatedAt: noon}}, nil
		})
	}
	if err == nil {
		err = k.Open(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func infectedShadow(t *testing.T, s *shop, text string) *shadow.Desk {
	t.Helper()
	pages := &heardPages{pages: []shadow.Page{{ID: "p1", ToldAt: noon.Add(-time.Hour)}}}
	nasty.Fill(&pages.pages, text, "ID")
	desk, err := shadow.New(shadow.Options{Store: pages, Ledger: shown{s}, Definitions: s.Definitions, Mode: func() alerting.Shadow { return alerting.Shadow{On: true} }, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

func infectedReports(t *testing.T, text string) *bureau {
	t.Helper()
	b := newBureau(t, noon)
	for _, d := range b.defs {
		d.Team, d.Description, d.Labels = text, text, map[string]string{"tier": text}
	}
	nasty.Fill(&b.in, text, "ID", "SLO", "Service", "Name", "Currency")
	return b
}

// infectAccess makes a user, a token and entries of the audit log with a text.
func infectAccess(t *testing.T, h *house, text string) {
	t.Helper()
	if err := h.store.EditUsers(t.Context(), func([]auth.User) ([]auth.User, []string, error) {
		return []auth.User{{Name: "mallory", Display: text, Role: auth.Viewer, Teams: []string{text}, Subject: text, Created: noon, Changed: noon}}, nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.store.SaveToken(t.Context(), auth.Token{ID: "t1", Name: text, Hash: "x", Scopes: []auth.Scope{auth.Read}, Teams: []string{text}, By: text, Created: noon, Expires: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := h.store.AppendAudit(t.Context(), auth.Entry{ID: "e1", At: noon, Who: text, Act: text, Object: text, Detail: text, From: text, Route: text, Outcome: auth.Done}); err != nil {
		t.Fatal(err)
	}
}

// infectedPages are the pages of a server with a text in every parameter.
func infectedPages(text string) []string {
	q := url.QueryEscape(text)
	open := openRecord(newShop(noon)).Incident.Key
	return []string{
		"/", "/?q=" + q + "&team=" + q + "&label=" + q + "&by=team&sort=" + q, "/slo/checkout/availability", "/slo/checkout/availability?from=" + q, "/where/checkout/availability", "/incidents", "/incidents?find=" + q + "&slo=" + q,
		"/incidents/" + open, "/incidents/" + url.PathEscape(text), "/system", "/whatif/checkout/availability", "/whatif/checkout/availability?objective=" + q + "&policies=" + q, "/heat/search/latency",
		"/traces", "/traces?service=" + q + "&attr=" + q + "&min=" + q + "&name=" + q, "/traces/" + bought, "/traces/" + url.PathEscape(text), "/changes", "/changes?service=" + q, "/corrections", "/silences", "/silences?matchers=" + q + "&for=" + q,
		"/shadow", "/reports", "/reports/2026-10", "/reports/2026-10?team=" + q, "/review", "/review?team=" + q, "/handover", "/handover?from=" + q, "/account", "/access", "/audit", "/audit?who=" + q + "&what=" + q,
		"/sign-in?next=" + q, "/" + url.PathEscape(text),
	}
}

// Whatever stands in names, labels, spans, notes, reasons and addresses: no page runs it.
func TestNoPageRunsATextFromOutside(t *testing.T) {
	texts := nasty.Texts()
	// A server of its own for each takes long; what has to stand alone to do harm is an address and bytes.
	all := strings.Join(slices.Sorted(maps.Values(texts)), " ")
	for name, text := range map[string]string{"all at once": all, "a link": texts["a link that runs"], "bytes": texts["bytes that are no text, and NUL"]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := infected(t, text)
			pages := infectedPages(text)
			shownAt := 0
			for _, path := range pages {
				resp, body := h.ask(http.MethodGet, path, nil)
				if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusNotFound && !strings.Contains(path, url.PathEscape(text)) {
					t.Errorf("%s is answered %s: %.600s", path, resp.Status, body)
				}
				if strings.Contains(resp.Header.Get("Content-Type"), "text/html") {
					for _, fault := range running(t, body) {
						t.Errorf("%s: %s", path, fault)
					}
					shownAt++
				}
			}
			if shownAt < len(pages)-6 {
				t.Errorf("%d of %d are pages", shownAt, len(pages))
			}
		})
	}
}
