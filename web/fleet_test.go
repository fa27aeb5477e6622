package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"burnline/slo"
)

// counting is an engine that counts how often somebody asks for everything.
type counting struct {
	*shop
	asked atomic.Int64
}

func (c *counting) Definitions() []*slo.Definition { c.asked.Add(1); return c.shop.Definitions() }
func (c *counting) Statuses() []slo.Status         { c.asked.Add(1); return c.shop.Statuses() }

// crowd adds SLOs that hold to the fixture: 40 services of 8 teams on 3 tiers, those of the last
// service without a team.
func crowd(s *shop, n int) *shop {
	for i := range n {
		d := *s.defs[4]
		service := i * 40 / n
		d.Service, d.Team, d.Journey = fmt.Sprintf("service-%02d", service), fmt.Sprintf("team-%d", service%8), ""
		if service == 39 {
			d.Team = ""
		}
		d.ID, d.Name = fmt.Sprintf("%s/slo-%05d", d.Service, i), fmt.Sprintf("slo-%05d", i)
		d.Labels = map[string]string{"tier": fmt.Sprint(1 + i%3), "region": fmt.Sprint("r", i%2)}
		st := s.statuses[6]
		st.ID, st.Budget.Projected = d.ID, false
		s.defs, s.statuses = append(s.defs, &d), append(s.statuses, st)
	}
	slices.SortFunc(s.defs, func(a, b *slo.Definition) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.statuses, func(a, b slo.Status) int { return strings.Compare(a.ID, b.ID) })
	return s
}

// listedRows are the IDs, with groups, of the rows of a page.
func listedRows(body string) (ids []string) {
	for _, part := range strings.Split(body, `<tr role="row" id="row-/slo/`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		ids = append(ids, id)
	}
	return ids
}

// heads are the names of the groups of a page.
func heads(body string) (names []string) {
	for _, part := range strings.Split(body, `<tr role="row" id="head-`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names = append(names, name)
	}
	return names
}

func TestALargeFleetIsPaged(t *testing.T) {
	srv := serve(t, crowd(newShop(noon), 1000), nil)
	for _, tc := range []struct {
		name, path string
		rows       int
		first      string
		says       []string
	}{
		{"a hundred rows by default, with the total", "/", 100, "checkout/availability?group=region%3Deu", []string{"1,012 budgets, 1–100 shown", `rel="next" href="/?page=2"`, "page 1 of 11"}},
		{"the next page goes on where the first ended", "/?sort=name&page=2", 100, "service-03/slo-00089", []string{"1,012 budgets, 101–200 shown", `rel="prev" href="/?sort=name"`, `rel="next" href="/?page=3&amp;sort=name"`}},
		{"the last page has what is left", "/?sort=name&page=11", 12, "service-39/slo-00989", []string{"1,001–1,012 shown", `<span id="next" class="dim">`}},
		{"behind the last page is the last", "/?sort=name&page=99", 12, "service-39/slo-00989", nil},
		{"fifty rows", "/?rows=50", 50, "checkout/availability?group=region%3Deu", []string{"page 1 of 21"}},
		{"five hundred rows", "/?rows=500", 500, "checkout/availability?group=region%3Deu", []string{"page 1 of 3"}},
		{"other numbers of rows are the usual", "/?rows=100000", 100, "checkout/availability?group=region%3Deu", nil},
		{"what is found is paged too", "/?q=slo-009&page=1", 100, "service-36/slo-00900", []string{"100 of 1,012 budgets"}},
		{"a service", "/?service=service-07", 25, "service-07/slo-00175", []string{"Of service service-07: all 25 error budgets hold."}},
		{"a tier and a label", "/?tier=2&label=region%3Dr1", 100, "service-00/slo-00001", []string{"Of tier 2, region=r1: all 167 error budgets hold.", `aria-label="Without region=r1"`}},
		{"a value that nobody has", "/?journey=flying", 0, "", []string{"No SLO is of journey flying.", "No SLO matches"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, body := get(t, srv.URL+tc.path)
			ids := listedRows(body)
			if len(ids) != tc.rows || append(ids, "")[0] != tc.first {
				t.Errorf("%d rows, %q first; want %d, %q", len(ids), append(ids, "")[0], tc.rows, tc.first)
			}
			for _, want := range tc.says {
				if !strings.Contains(body, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		})
	}
	_, body := get(t, srv.URL+"/")
	if cells := strings.Count(body, `class="cell `); cells != 8 {
		t.Errorf("the map shows %d budgets, want the 8 that are not ok", cells)
	}
}

func TestPagesTogetherListEveryBudgetOnce(t *testing.T) {
	srv := serve(t, crowd(newShop(noon), 1000), nil)
	for _, path := range []string{"/?sort=-budget", "/?by=team&sort=burn", "/?by=tier&fold=2"} {
		seen := map[string]int{}
		for page := 1; page <= 30; page++ {
			_, body := get(t, srv.URL+path+fmt.Sprint("&page=", page))
			for _, id := range listedRows(body) {
				seen[id]++
			}
			if !strings.Contains(body, `rel="next"`) {
				break
			}
		}
		want := 1012
		if strings.Contains(path, "fold=2") {
			want -= 333
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s lists %s %d times", path, id, n)
			}
		}
		if len(seen) != want {
			t.Errorf("%s lists %d budgets, want %d", path, len(seen), want)
		}
	}
}

func TestGroupsFoldAndSayHowTheyStand(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, tc := range []struct {
		name, path string
		heads      []string
		rows       int
		says       []string
	}{
		{"a group stands where its most urgent budget does", "/?by=team", []string{"payments", "discovery", "billing", "supply", "growth", "web"}, 12, []string{"5 budgets"}},
		{"by name, groups stand by name", "/?by=service&sort=name", []string{"checkout", "inventory", "invoices", "loyalty", "mail", "payment", "reports", "search", "storefront"}, 12, nil},
		{"what has no value is a group too", "/?by=journey&sort=name", []string{"buying", "", "finding", "browsing"}, 12, []string{"no journey"}},
		{"a folded group is its head", "/?by=team&fold=payments", []string{"payments", "discovery", "billing", "supply", "growth", "web"}, 7, []string{`aria-expanded="false"`, `href="/?by=team"`}},
		{"all folded but one", "/?by=team&fold=*&open=web", []string{"payments", "discovery", "billing", "supply", "growth", "web"}, 1, []string{"12 budgets, 1–6 shown of 6 lines"}},
		{"a group may be all that is listed", "/?by=team", nil, 12, []string{`class="only" href="/?team=growth"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, body := get(t, srv.URL+tc.path)
			if got := heads(body); tc.heads != nil && !slices.Equal(got, tc.heads) {
				t.Errorf("groups %q, want %q", got, tc.heads)
			}
			if got := len(listedRows(body)); got != tc.rows {
				t.Errorf("%d rows, want %d", got, tc.rows)
			}
			for _, want := range tc.says {
				if strings.Contains(want, "lines") {
					continue // on one page nothing is counted
				}
				if !strings.Contains(body, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		})
	}
}

func TestAnAddressHoldsTheWholeChoice(t *testing.T) {
	for _, address := range []string{
		"/", "/?q=pay", "/?state=burning&team=a+b", "/?journey=buy&label=a%3Db&label=c%3Dd&service=x&tier=1", "/?sort=-burn", "/?by=team&fold=x&fold=y%26z",
		"/?by=tier&fold=%2A&open=1", "/?page=3&rows=50", "/?rows=500",
	} {
		req := httptest.NewRequest(http.MethodGet, address, nil)
		if got := choose(req.URL.Query()).href(); got != address {
			t.Errorf("%s is read and written as %s", address, got)
		}
	}
}

func TestTenThousandSLOsAreLookedAtOnce(t *testing.T) {
	asking := func(n int) (ask func(path string), s *counting) {
		s = &counting{shop: crowd(newShop(noon), n)}
		h, err := New(Options{Engine: s, Ledger: s, System: s, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		return func(path string) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d", path, w.Code)
			}
		}, s
	}
	ask, s := asking(10_000)
	tenth, _ := asking(1000)
	paths := []string{"/", "/?page=7&sort=burn", "/?by=service&fold=*", "/?q=slo-0012", "/?team=team-3", "/slo/service-00/slo-00012", "/api/v1/slos?limit=100&sort=budget", "/api/v1/slos/service-00/slo-00012",
		"/incidents", "/incidents/4be7a1c0d2f9", "/system"}
	for _, path := range paths {
		ask(path)
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("%d requests asked for all definitions or statuses %d times, want once each", len(paths), n)
	}
	// With the work done, what a page costs follows from what it shows and not from the fleet.
	for _, path := range []string{"/", "/?sort=burn&page=3", "/slo/service-00/slo-00012", "/api/v1/slos?limit=20&sort=burn"} {
		ask(path)
		tenth(path)
		all, few := testing.AllocsPerRun(3, func() { ask(path) }), testing.AllocsPerRun(3, func() { tenth(path) })
		if all > 1.1*few+300 {
			t.Errorf("%s takes %.0f allocations of 10,000 SLOs and %.0f of 1,000", path, all, few)
		}
	}
	if got := s.asked.Load(); got != 2 {
		t.Errorf("later requests asked for everything anew: %d times", got)
	}
}

func TestFiguresOfAFleetAreOfThisSecond(t *testing.T) {
	now := noon
	s := &counting{shop: newShop(noon)}
	var fs fleets
	budget := func() float64 { return fs.get(s, now).rows[0].Status.Budget.Remaining }
	before := budget()
	s.statuses[1].Budget.Remaining = 0.123 // checkout/availability in apac is the first by name
	s.statuses[2].Budget.Remaining = 0.123
	if budget() != before || s.asked.Load() != 2 {
		t.Error("within a second nothing is asked anew")
	}
	s.change(func() {})
	if budget() != 0.123 {
		t.Error("a visible change is not shown at once")
	}
	s.statuses[1].Budget.Remaining, s.statuses[2].Budget.Remaining = 0.456, 0.456
	now = now.Add(time.Second)
	if budget() != 0.456 {
		t.Error("figures are older than a second")
	}
}

func TestTheAPIPagesAndFilters(t *testing.T) {
	srv := serve(t, crowd(newShop(noon), 1000), nil)
	type answer struct {
		SLOs []struct {
			ID       string
			Statuses []struct{ Group map[string]string }
		}
		Total, Budgets, Page, Pages int
		States                      map[string]int
		Groups                      []struct {
			Name    string
			Budgets int
			States  map[string]int
		}
	}
	ask := func(query string) (a answer) {
		t.Helper()
		status, body := get(t, srv.URL+"/api/v1/slos"+query)
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d, %v", query, status, err)
		}
		return a
	}
	all := ask("")
	if len(all.SLOs) != 1010 || all.Total != 1010 || all.Budgets != 1012 || all.Pages != 1 || !slices.IsSortedFunc(all.SLOs, func(a, b struct {
		ID       string
		Statuses []struct{ Group map[string]string }
	}) int {
		return strings.Compare(a.ID, b.ID)
	}) {
		t.Errorf("without parameters there are %d SLOs of %d on %d pages", len(all.SLOs), all.Total, all.Pages)
	}
	seen := map[string]bool{}
	for page := 1; page <= 11; page++ {
		a := ask(fmt.Sprintf("?limit=100&sort=-burn&page=%d", page))
		for _, d := range a.SLOs {
			seen[d.ID] = true
		}
		if a.Pages != 11 || a.Page != page {
			t.Errorf("page %d says it is %d of %d", page, a.Page, a.Pages)
		}
	}
	if len(seen) != 1010 {
		t.Errorf("the pages list %d SLOs", len(seen))
	}
	if a := ask("?limit=100&page=12"); len(a.SLOs) != 0 || a.Total != 1010 {
		t.Errorf("behind the last page are %d SLOs", len(a.SLOs))
	}
	if a := ask("?state=burning&by=team"); len(a.SLOs) != 1 || len(a.SLOs[0].Statuses) != 1 || a.SLOs[0].Statuses[0].Group["region"] != "eu" || len(a.Groups) != 1 || a.Groups[0].Name != "payments" || a.States["burning"] != 1 {
		t.Errorf("of what burns it says %+v", a)
	}
	if a := ask("?team=team-3&tier=1&limit=5"); len(a.SLOs) != 5 || a.Total != 42 {
		t.Errorf("of a team's tier it lists %d of %d", len(a.SLOs), a.Total)
	}
	for _, query := range []string{"?limit=0", "?limit=1001", "?limit=x", "?page=0", "?sort=colour", "?by=colour", "?label=x"} {
		if status, body := get(t, srv.URL+"/api/v1/slos"+query); status != http.StatusBadRequest || !strings.Contains(body, `"error":`) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}
