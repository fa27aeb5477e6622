package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

func TestAskingWhereEventsFail(t *testing.T) {
	var asked struct {
		groups   []slo.Labels
		from, to time.Time
	}
	var answer *slo.Where
	var failure error
	shop := newShop(noon)
	srv := serve(t, shop, func(o *Options) {
		o.Explain = func(_ context.Context, _ string, groups []slo.Labels, from, to time.Time) (*slo.Where, error) {
			asked.groups, asked.from, asked.to = groups, from, to
			return answer, failure
		}
	})
	causes := &slo.Where{Events: 1000, Attributes: []string{"region", "route"}, Explanations: []slo.Explanation{
		{Labels: slo.NewLabels("route", "/pay"), Failed: 40, Total: 100, Ratio: 0.4, Outside: 0.01, Baseline: 0.02, Share: 0.8, Score: 70},
		{Labels: slo.NewLabels("version", "2"), Failed: 5, Total: 10, Ratio: 0.5, Baseline: -1},
	}}
	const path = "/api/v1/slos/checkout/availability/explain"
	for _, c := range []struct {
		name, query string
		answer      *slo.Where
		failure     error
		status      int
		verdict     string
		groups      string
		lasted      time.Duration
	}{
		{"the last hour without an incident", "?to=1000000", causes, nil, 200, "causes", "", time.Hour},
		{"everywhere", "?from=1000&to=1600", &slo.Where{Everywhere: true}, nil, 200, "everywhere", "", 10 * time.Minute},
		{"it can't be told", "?from=1000&to=1600", nil, nil, 200, "unknown", "", 10 * time.Minute},
		{"of one group", "?from=1000&to=1600&group=region%3Deu", causes, nil, 200, "causes", `{region="eu"}`, 10 * time.Minute},
		{"a time that is none", "?from=yesterday", nil, nil, 400, "", "", 0},
		{"a time that ends before it begins", "?from=1600&to=1000", nil, nil, 400, "", "", 0},
		{"the store is away", "?from=1000&to=1600", nil, errors.New("disk"), 503, "", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, failure = c.answer, c.failure
			if strings.HasPrefix(c.query, "?to") {
				shop.records = nil
			}
			status, body := get(t, srv.URL+path+c.query)
			if status != c.status {
				t.Fatalf("status %d: %s", status, body)
			}
			if status != http.StatusOK {
				return
			}
			var got explain.Answer
			if json.Unmarshal([]byte(body), &got) != nil {
				t.Fatal(body)
			}
			groups := ""
			for _, g := range asked.groups {
				groups += g.String()
			}
			if got.Verdict != c.verdict || groups != c.groups || asked.to.Sub(asked.from) != c.lasted {
				t.Errorf("verdict %q of groups %q over %s", got.Verdict, groups, asked.to.Sub(asked.from))
			}
		})
	}
}

func TestWhereAnIncidentFailsIsAskedOfItsOwnTimeAndGroups(t *testing.T) {
	var groups []slo.Labels
	var from time.Time
	shop := newShop(noon)
	srv := serve(t, shop, func(o *Options) {
		o.Explain = func(_ context.Context, _ string, g []slo.Labels, f, _ time.Time) (*slo.Where, error) {
			groups, from = g, f
			return nil, nil
		}
	})
	var open *slo.Incident
	for i := range shop.records {
		if inc := &shop.records[i].Incident; inc.Closed.IsZero() && inc.SLO != "" && (inc.Cause == slo.CauseBurn || inc.Cause == "") && open == nil {
			open = inc
		}
	}
	if open == nil {
		t.Fatal("no incident is open in the shop")
	}
	status, body := get(t, srv.URL+"/api/v1/slos/"+open.SLO+"/explain")
	var got explain.Answer
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", status, err, body)
	}
	if got.Incident != open.Key || !from.Equal(open.Started) || len(groups) != len(open.Groups) || got.Verdict != "unknown" {
		t.Errorf("asked of %v since %s, and told %+v; want those of %+v", groups, from, got, open)
	}
}

func TestNobodyIsAskedWhereAnUnknownSLOFails(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) {
		o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
			t.Error("it was asked")
			return nil, nil
		}
	})
	if status, body := get(t, srv.URL+"/api/v1/slos/no/such/explain"); status != http.StatusNotFound || !strings.Contains(body, "no/such") {
		t.Errorf("status %d: %s", status, body)
	}
}
