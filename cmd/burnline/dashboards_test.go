package main

import (
	"fmt"
	"net/url"
	"path"
	"testing"
	"time"

	"burnline/dashboards"
	"burnline/slo/spec"
)

// TestEveryDashboardTargetIsAnswered runs every query of every generated
// dashboard against the running program after data went in, as Grafana would.
func TestEveryDashboardTargetIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.customers.Fail(true) // burn rates and open incidents have to be drawn too
	s.eventually("the page arrives", func() bool { _, all := s.incidents(); return all == 1 })

	set, findings := spec.Parse("slos/shop.yaml", []byte(shortSLO))
	if errs := findings.Errors(); len(errs) > 0 {
		t.Fatal(errs)
	}
	files, err := dashboards.Generate(set.Definitions, dashboards.Options{ExternalURL: "http://" + s.web})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, f := range files {
		if path.Ext(f.Path) != ".json" {
			continue // provisioning files hold no queries
		}
		queries, err := dashboards.Queries(f.Data, nil)
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		for _, q := range queries {
			asked++
			s.eventually(fmt.Sprintf("%s: an answer to %+v", f.Path, q), func() bool { return s.answered(q) })
		}
	}
	if asked < 10 {
		t.Errorf("only %d queries were found in %d files", asked, len(files))
	}
}

// answered asks as Grafana would and reports whether anything came back.
func (s *story) answered(q dashboards.Query) bool {
	now := time.Now().Unix()
	span := url.Values{"start": {fmt.Sprint(now - 300)}, "end": {fmt.Sprint(now)}}
	if q.Expr == "" {
		span.Set("match[]", q.Selector)
		var values struct{ Data []string }
		err := s.get("/prometheus/api/v1/label/"+q.Label+"/values?"+span.Encode(), &values)
		return s.fine(q, err) && len(values.Data) > 0
	}
	address := "/prometheus/api/v1/query_range?"
	if q.Instant {
		address, span = "/prometheus/api/v1/query?", url.Values{}
	}
	span.Set("query", q.Expr)
	span.Set("step", "5")
	var answer struct {
		Data struct{ Result []any }
	}
	return s.fine(q, s.get(address+span.Encode(), &answer)) && len(answer.Data.Result) > 0
}

func (s *story) fine(q dashboards.Query, err error) bool {
	if err != nil {
		s.t.Errorf("%+v: %v", q, err)
	}
	return err == nil
}
