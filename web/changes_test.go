package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/changes"
)

// memory keeps changes without a disk.
type memory struct{ all []slo.ChangeEvent }

var _ changes.Store = (*memory)(nil)

func (m *memory) SaveChange(_ context.Context, c slo.ChangeEvent, _ time.Time) (slo.ChangeEvent, bool, error) {
	for _, have := range m.all {
		if have.ID == c.ID {
			return have, false, nil
		}
	}
	m.all = append(m.all, c)
	slices.SortFunc(m.all, func(a, b slo.ChangeEvent) int { return b.At.Compare(a.At) })
	return c, true, nil
}

func (m *memory) Changes(_ context.Context, f changes.Filter) (all []slo.ChangeEvent, _ error) {
	for _, c := range m.all {
		if (f.Service == "" || f.Service == c.Service || f.Everybody && c.Service == "") && (f.Kind == "" || f.Kind == c.Kind) && !c.At.Before(f.From) && len(all) < f.Limit {
			all = append(all, c)
		}
	}
	return all, nil
}

func (m *memory) ChangeMark(context.Context) (string, error)           { return "", nil }
func (m *memory) SaveSeen(context.Context, []changes.Seen) error       { return nil }
func (m *memory) SeenVersions(context.Context) ([]changes.Seen, error) { return nil, nil }

// changing serves the shop with changes.
func changing(t *testing.T) string {
	t.Helper()
	keeper, err := changes.New(changes.Options{Store: &memory{}, Now: func() time.Time { return noon }, NewID: func() string { return "made-1" }})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, newShop(noon), func(o *Options) { o.Changes = keeper }).URL
}

func TestAChangeIsToldListedAndMarked(t *testing.T) {
	url := changing(t)
	deploy := `{"id": "deploy-4711", "service": "checkout", "version": "2.14.0", "title": "checkout <2.14.0>", "at": "` + noon.Add(-time.Hour).Format(time.RFC3339) + `", "by": "ci", "link": "https://ci.example.com/42", "labels": {"region": "eu"}}`
	for _, want := range []int{http.StatusCreated, http.StatusOK} {
		status, body := ask(t, "POST", url+"/api/v1/changes", deploy)
		if status != want || !strings.Contains(body, `"id":"deploy-4711"`) {
			t.Errorf("told it answers %d %s, want %d", status, body, want)
		}
	}
	if status, _ := ask(t, "POST", url+"/api/v1/changes", `{"kind": "config", "title": "the limits of the network"}`); status != http.StatusCreated {
		t.Errorf("what concerns all services: %d", status)
	}
	status, body := get(t, url+"/api/v1/changes?service=checkout&limit=10")
	if status != http.StatusOK || strings.Count(body, `"id"`) != 1 {
		t.Fatalf("status %d: %s", status, body)
	}
	_, page := get(t, url+"/changes")
	for _, want := range []string{"The newest change is the limits of the network", "checkout &lt;2.14.0&gt;", `href="https://ci.example.com/42"`, "region=eu", ">all<"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if _, page := get(t, url+"/slo/checkout/availability"); !strings.Contains(page, `id="changes"`) || !strings.Contains(page, "checkout &lt;2.14.0&gt;") {
		t.Error("the page of an SLO does not name the changes of its service")
	}
	_, body = get(t, url+"/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=50")
	if !strings.Contains(body, `"kind":"deploy","title":"checkout \u003c2.14.0\u003e","link":"https://ci.example.com/42"`) {
		t.Errorf("the chart does not mark it: %.300s", body[strings.LastIndex(body, "changes"):])
	}
	if _, body := get(t, url+"/api/v1/charts/search/latency?range=6h&points=50"); strings.Contains(body, "2.14.0") || !strings.Contains(body, "limits of the network") {
		t.Error("the chart of another service marks it, or lacks what concerns all")
	}
}

func TestWhatIsWrongWithAChangeIsSaidAtOnce(t *testing.T) {
	url := changing(t)
	status, body := ask(t, "POST", url+"/api/v1/changes", `{"id": "a b", "kind": "deployment", "at": "2026-99-01", "link": "javascript:alert(1)", "labels": {"region": ""}}`)
	for _, want := range []string{`"field":"id"`, `"field":"kind"`, `"field":"at"`, `"field":"title"`, `"field":"link"`, `"field":"labels.region"`} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
			t.Errorf("%d, no %s in %s", status, want, body)
		}
	}
	for text, want := range map[string]int{
		`{"titel": "x"}`: 400, `{} {}`: 400, `[]`: 400, `{"title": "` + strings.Repeat("x", 70_000) + `"}`: 413,
		`{"title": "x", "at": "` + noon.Add(time.Hour).Format(time.RFC3339) + `"}`: 422, `{"title": "two\nlines"}`: 422,
	} {
		if status, body := ask(t, "POST", url+"/api/v1/changes", text); status != want {
			t.Errorf("%.40s: %d %s, want %d", text, status, body, want)
		}
	}
	for _, q := range []string{"limit=0", "limit=x", "from=noon"} {
		if status, _ := get(t, url+"/api/v1/changes?"+q); status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", q, status)
		}
	}
}
