package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// rest says of the fixture's open page that its failing has stopped for five minutes.
func (s *shop) rest() {
	p := s.statuses[0].Policies[1]
	s.statuses[0].Holds = []slo.Holding{{Incident: s.records[0].Incident.Key, Reason: "A page policy fires: burn 57 and 46 over 6h and 30m, above 6.",
		Stopped: noon.Add(-5 * time.Minute), Until: noon.Add(26 * time.Minute), Rule: &p,
		Failed: slo.Counts{Good: 3612, Total: 4816}, After: slo.Counts{Good: 2400, Total: 2400}}}
}

// While a rule with long windows holds a page open whose failing has stopped, everything that tells how it is says so.
func TestAPageThatOutlastsItsOutageSaysSo(t *testing.T) {
	shop := newShop(noon)
	shop.rest()
	srv := serve(t, shop, nil)
	const sentence = "Buying in region eu: failures have stopped since 11:55 UTC, and the page stays open until about 12:26 UTC unless they return, by the rule of 6h/30m."
	const suffered = "1,204 of 4,816 checkout requests failed from 11:46 to 11:55 UTC."
	for path, want := range map[string][]string{
		"/":          {"Buying in region eu has kept its promise again since 11:55 UTC; its page stays open until about 12:26 UTC.", sentence, suffered, "5 of 12 error budgets hold."},
		"/incidents": {sentence, suffered},
		"/incidents/4be7a1c0d2f9": {`<h1 class="lead">` + sentence, suffered, "What was told at", `UTC</time>: Buying: 1 in 4 requests fails. 1,204 of 4,816`,
			"A page policy fires: burn 57 and 46 over 6h and 30m, above 6. It closes once good events prove recovery."},
		"/slo/checkout/availability?group=region%3Deu": {"Buying in region eu has kept its promise again since 11:55 UTC"},
	} {
		_, page := get(t, srv.URL+path)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		for _, old := range []string{"burns too fast: Buying", "at the rate of now", "at this rate"} {
			if strings.Contains(page, old) {
				t.Errorf("%s still says %q", path, old)
			}
		}
	}
	var got incidentJSON
	_, body := get(t, srv.URL+"/api/v1/incidents/4be7a1c0d2f9")
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	h := got.Holding
	if h == nil || h.Text != sentence+" "+suffered || h.Rule != "6h/30m" || h.Failed != 1204 || h.Events != 4816 || !h.Stopped.Equal(noon.Add(-5*time.Minute)) || !h.Until.Equal(noon.Add(26*time.Minute)) ||
		!strings.HasPrefix(got.Summary, "Buying: 1 in 4 requests fails.") {
		t.Errorf("the API says %+v, %q", h, got.Summary)
	}
}

// What is held open by a failing that goes on, or of which nobody knows, is told as it was told.
func TestAPageThatGoesOnIsToldAsItWas(t *testing.T) {
	shop := newShop(noon)
	shop.statuses[0].Holds = []slo.Holding{{Incident: shop.records[0].Incident.Key, Reason: "A page policy fires: burn 57 and 46 over 6h and 30m, above 6."}}
	srv := serve(t, shop, nil)
	for path, want := range map[string]string{
		"/": "1 of 12 error budgets burns too fast: Buying in region eu.", "/incidents/4be7a1c0d2f9": `<h1 class="lead">Buying: 1 in 4 requests fails.`,
		"/api/v1/incidents/4be7a1c0d2f9": `"stopped":null,"until":null,"rule":"","failed":0,"events":0,"text":""`,
	} {
		if _, page := get(t, srv.URL+path); !strings.Contains(page, want) || strings.Contains(page, "failures have stopped") {
			t.Errorf("%s lacks %q", path, want)
		}
	}
}

// Several budgets that rest are told together, and beside what burns.
func TestBudgetsThatRestStandBesideThoseThatBurn(t *testing.T) {
	shop := newShop(noon)
	shop.rest()
	rest := shop.statuses[0]
	us := shop.statuses[1]
	us.State, us.Open, us.Holds = slo.StateBurning, rest.Open, []slo.Holding{rest.Holds[0]}
	us.Holds[0].Until = noon.Add(40 * time.Minute)
	burns := shop.statuses[2]
	burns.State, burns.Open = slo.StateBurning, rest.Open
	def := shop.defs[0]
	for _, c := range []struct {
		name string
		rows []row
		want string
	}{
		{"both rest", []row{{def, rest}, {def, us}}, "2 have kept their promises again since 11:55 UTC: Buying in region eu and Buying in region us; what is open of them stays so until about 12:40 UTC."},
		{"one rests, one burns", []row{{def, burns}, {def, rest}},
			"1 of 2 error budgets burns too fast: Buying in region apac. Buying in region eu has kept its promise again since 11:55 UTC; its page stays open until about 12:26 UTC."},
		{"one rests, one holds", []row{{def, rest}, {def, slo.Status{State: slo.StateOK}}},
			"Buying in region eu has kept its promise again since 11:55 UTC; its page stays open until about 12:26 UTC. 1 of 2 error budgets holds."},
	} {
		all := make([]int, len(c.rows))
		for i := range all {
			all[i] = i
		}
		if got := overviewSentence(c.rows, all); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
