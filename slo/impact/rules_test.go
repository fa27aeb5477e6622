package impact

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestARuleRaisesWhenAllItsConditionsHold(t *testing.T) {
	tier1 := &slo.Definition{Service: "checkout", Team: "payments", Journey: "buy", Labels: map[string]string{"tier": "1"}}
	for _, c := range []struct {
		name      string
		when      map[string]string
		customers float64
		known     bool
		want      bool
	}{
		{"enough customers of an important SLO", map[string]string{"tier": "1", "customers": ">= 100"}, 100, true, true},
		{"more than enough", map[string]string{"customers": "> 100"}, 101, true, true},
		{"not more than", map[string]string{"customers": "> 100"}, 100, true, false},
		{"too few", map[string]string{"tier": "1", "customers": ">= 100"}, 99, true, false},
		{"another tier", map[string]string{"tier": "2", "customers": ">= 100"}, 500, true, false},
		{"how many is not known", map[string]string{"customers": ">= 0"}, 0, false, false},
		{"service, team and journey", map[string]string{"service": "checkout", "team": "payments", "journey": "buy"}, 0, false, true},
		{"another team", map[string]string{"team": "search"}, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, wrong := NewRule(c.when)
			if len(wrong) > 0 {
				t.Fatal(wrong)
			}
			if got := r.Holds(tier1, c.customers, c.known); got != c.want {
				t.Errorf("%s holds: %v, want %v", r, got, c.want)
			}
		})
	}
}

func TestABadRuleSaysWhatToWriteInstead(t *testing.T) {
	for value, want := range map[string]string{
		"100":    `"100" is no comparison; write ">= 100" or "> 100"`,
		">= x":   `">= x" is no comparison; write ">= 100" or "> 100"`,
		"< 100":  `"< 100" is no comparison; write ">= 100" or "> 100"`,
		">= -10": `">= -10" is no comparison; write ">= 100" or "> 100"`,
	} {
		if _, wrong := NewRule(map[string]string{"customers": value}); wrong["customers"] == nil || wrong["customers"].Error() != want {
			t.Errorf("customers: %q says %v, want %s", value, wrong, want)
		}
	}
	if _, wrong := NewRule(nil); wrong[""] == nil {
		t.Error("a rule without conditions is taken")
	}
}

func TestATicketIsRaisedOnceItHurtsEnough(t *testing.T) {
	w := newWorld(t, nil)
	w.set(noon.Add(time.Minute))
	r, _ := NewRule(map[string]string{"tier": "1", "customers": ">= 3"})
	d := &slo.Definition{ID: "checkout/ok", Labels: map[string]string{"tier": "1"}}
	for i := range 3 {
		if why := w.Raises([]Rule{r}, checkoutIncident(), d); why != "" {
			t.Errorf("with %d customers: %s", i, why)
		}
		w.Judged([]slo.JudgedSpan{span(noon, i, true, "eu", "1", "/pay")})
	}
	if why, want := w.Raises([]Rule{r}, checkoutIncident(), d), "it hurts 3 customers (customers >= 3 and tier 1)"; why != want {
		t.Errorf("with 3 customers: %q, want %q", why, want)
	}
}
