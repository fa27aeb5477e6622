package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// explaining answers every comparison with one cause.
func explaining(o *Options) {
	o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
		return &slo.Where{Events: 4816, Attributes: []string{"code", "instance", "version"}, Explanations: []slo.Explanation{
			{Labels: slo.NewLabels("version", "2.41.0"), Failed: 1190, Total: 1302, Ratio: 0.914, Outside: 0.004, Baseline: 0.0003, Share: 0.988, Score: 90}}}, nil
	}
}

func TestAnSLOsPageSaysHowNearEachPolicyIs(t *testing.T) {
	_, body := get(t, serve(t, newShop(noon), nil).URL+"/slo/checkout/availability?group=region%3Dus")
	for _, want := range []string{"To firing", "of the way", "quiet", "bad</span>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	s := newShop(noon)
	s.statuses[1].Policies[0].Short.Known = false
	if _, body = get(t, serve(t, s, nil).URL+"/slo/checkout/availability?group=region%3Dus"); !strings.Contains(body, `<span class="none">not known</span></td>`) {
		t.Error("a policy without events is shown as quiet")
	}
}

func TestAnSLOsPageSetsItsGroupsBesideEachOther(t *testing.T) {
	_, body := get(t, serve(t, newShop(noon), nil).URL+"/slo/checkout/availability")
	_, table, _ := strings.Cut(body, `id="h-where"`)
	table, _, _ = strings.Cut(table, "</table>")
	for _, want := range []string{"by region", "region=eu", "region=us", "region=apac", "burning", "Of all bad ones"} {
		if !strings.Contains(table, want) {
			t.Errorf("the groups lack %q", want)
		}
	}
}

func TestWhereItFailsIsComparedOnRequest(t *testing.T) {
	srv := serve(t, newShop(noon), explaining)
	_, body := get(t, srv.URL+"/slo/checkout/availability?group=region%3Deu&from=1000&to=1600")
	if !strings.Contains(body, `href="/where/checkout/availability?from=1000&amp;group=region%3Deu&amp;to=1600"`) {
		t.Error("the page does not lead to the comparison of what it shows")
	}
	status, body := get(t, srv.URL+"/where/checkout/availability?from=1000&group=region%3Deu&to=1600")
	for _, want := range []string{"At version=2.41.0 91.4 % fail, elsewhere 0.4 %.", "4,816 events compared by code, instance, version", `id="where-found"`, `href="/slo/checkout/availability?from=1000&amp;group=region%3Deu&amp;to=1600"`} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("status %d; the comparison lacks %q", status, want)
		}
	}
	failing := serve(t, newShop(noon), func(o *Options) {
		o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
			return nil, errors.New("the store is away")
		}
	})
	if _, body = get(t, failing.URL+"/where/checkout/availability"); !strings.Contains(body, "The events can&#39;t be compared: the store is away.") {
		t.Error("a failure is not said")
	}
	if status, _ = get(t, failing.URL+"/where/no/such"); status != http.StatusNotFound {
		t.Errorf("an unknown SLO: %d", status)
	}
	if _, body = get(t, serve(t, newShop(noon), nil).URL+"/slo/checkout/availability"); strings.Contains(body, "/where/") {
		t.Error("the comparison is offered where nobody can make it")
	}
}

func TestAnSLOsPageShowsWhatIsSaidOfItsOwnDocument(t *testing.T) {
	s := newShop(noon)
	d, next := s.defs[0], s.defs[1]
	d.Source, next.Source = slo.Source{File: "slos/checkout.yaml", Line: 3}, slo.Source{File: "slos/checkout.yaml", Line: 21}
	finding := func(line int, text string) slo.Finding {
		return slo.Finding{Source: slo.Source{File: "slos/checkout.yaml", Line: line}, Level: slo.LevelWarning, Message: text}
	}
	s.health.Files = []SLOFile{{File: "slos/checkout.yaml", SLOs: 2, Findings: slo.Findings{finding(1, "of the file"), finding(9, "of the first"), finding(21, "of the second")}}}
	srv := serve(t, s, nil)
	for id, want := range map[string]string{d.ID: "of the first", next.ID: "of the second"} {
		_, body := get(t, srv.URL+"/slo/"+id)
		_, said, _ := strings.Cut(body, `<ul id="findings"`)
		said, _, _ = strings.Cut(said, "</ul>")
		if strings.Count(said, "<li") != 1 || !strings.Contains(said, want) {
			t.Errorf("%s shows %q, want %q alone", id, said, want)
		}
	}
}

func TestChartsMarkTheIncidentsOfTheirGroup(t *testing.T) {
	s := newShop(noon)
	srv := serve(t, s, nil)
	_, body := get(t, srv.URL+"/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=10")
	if !strings.Contains(body, `"key":"4be7a1c0d2f9","severity":"page","open":true`) || strings.Contains(body, `"key":"9cd812"`) {
		t.Error("the chart lacks the open incident, or marks one of three days ago")
	}
	_, body = get(t, srv.URL+"/api/v1/charts/checkout/availability?group=region%3Dus&range=6h&points=10")
	if !strings.Contains(body, `"incidents":[]`) {
		t.Error("an incident of another group is marked")
	}
	_, body = get(t, srv.URL+"/slo/search/latency")
	_, strip, _ := strings.Cut(body, `id="h-episodes"`)
	if n := strings.Count(strip, `<rect class="inc `); n != 2 {
		t.Errorf("the page's picture has %d incidents, want 2", n)
	}
}
