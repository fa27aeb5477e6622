package maintenance

import (
	"errors"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/slo"
)

func TestANameThatNoSLOHasIsRefusedWithThoseThatAreLikeIt(t *testing.T) {
	d := newDesk(t, "checkout", "cart", "search", "payments", "ledger", "mail", "web")
	for _, c := range []struct {
		name  string
		scope alerting.Scope
		want  string
	}{
		{"a slip of the pen", alerting.Scope{Services: []string{"chekout"}}, "services: no SLO has the service \"chekout\"; write checkout, or confirm it"},
		{"a part of a name", alerting.Scope{Services: []string{"pay"}}, "write payments, or confirm it"},
		{"a star that stands for nothing", alerting.Scope{Services: []string{"cart", "front*"}}, `no SLO has the service "front*"`},
		{"a journey where there are few", alerting.Scope{Journeys: []string{"search"}}, `journeys: no SLO has the journey "search"; write buy, or confirm it`},
		{"an SLO", alerting.Scope{SLOs: []string{"cart/availabilty"}}, `slos: there is no SLO "cart/availabilty"; write cart/availability`},
		{"a team where there are none", alerting.Scope{Teams: []string{"x"}}, `teams: no SLO has the team "x"; confirm it`},
	} {
		r := request()
		r.Scope = c.scope
		_, err := d.Start(t.Context(), r)
		var found slo.Problems
		if !errors.As(err, &found) || len(found) != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if r.Confirmed = true; c.name == "a slip of the pen" {
			if _, err := d.Start(t.Context(), r); err != nil {
				t.Errorf("%s, confirmed: %v", c.name, err)
			}
		}
	}
}

func TestEverythingThatIsWrongWithAMaintenanceIsSaidAtOnce(t *testing.T) {
	d := newDesk(t, "checkout")
	in := Input{From: "soon", For: "30d", Scope: alerting.Scope{Services: []string{"chekout"}}}
	_, err := d.Start(t.Context(), in.Request(noon))
	for _, want := range []string{`from: "soon" is no moment`, "title: it is missing", "by: it is missing", "reason: it is missing", "write checkout", "to: it lasts longer than 7d"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	in = Input{For: "long", To: "later"}
	if _, err = d.Start(t.Context(), in.Request(noon)); err == nil || strings.Contains(err.Error(), "to: it is missing") {
		t.Errorf("an end that can't be read is not missing: %v", err)
	}
}
