package silences

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func look(t *testing.T, w World, all ...string) Preview {
	t.Helper()
	r := request(t, all...)
	s := r.silence(noon)
	return Look(&s, w, DefaultLimits())
}

func TestAPreviewNamesTheSLOsWhoseMessagesAreMuted(t *testing.T) {
	for _, c := range []struct {
		matchers string
		want     []string
	}{
		{`service="checkout"`, []string{"checkout/availability pages tickets 2 groups", "checkout/latency pages tickets"}},
		{`slo="cart/latency"`, []string{"cart/latency pages tickets"}},
		{`service="checkout";severity="ticket"`, []string{"checkout/availability tickets 2 groups", "checkout/latency tickets"}},
		{`service="checkout";region="eu"`, []string{"checkout/availability pages tickets 1 groups"}},
		{`team="team-cart";cause="no_data"`, []string{"cart/availability pages tickets", "cart/latency pages tickets"}},
		{`service="nobody"`, nil},
	} {
		p := look(t, shop(), strings.Split(c.matchers, ";")...)
		var have []string
		for _, m := range p.SLOs {
			text := m.ID
			if m.Pages {
				text += " pages"
			}
			if m.Tickets {
				text += " tickets"
			}
			if len(m.Groups) > 0 {
				text += fmt.Sprintf(" %d groups", len(m.Groups))
			}
			have = append(have, text)
		}
		if !slices.Equal(have, c.want) || p.OfSLOs != 8 {
			t.Errorf("{%s} mutes %q of %d, want %q of 8", c.matchers, have, p.OfSLOs, c.want)
		}
	}
}

func TestAPreviewLooksBackAWeek(t *testing.T) {
	w := shop()
	w.Incidents = []alerting.Record{
		incident("old", "checkout/latency", "checkout", 9*24*time.Hour, 8*24*time.Hour),
		incident("monday", "checkout/latency", "checkout", 8*24*time.Hour, 6*24*time.Hour),
		incident("open", "checkout/availability", "checkout", time.Hour, 0),
		incident("yesterday", "checkout/availability", "checkout", 25*time.Hour, 24*time.Hour),
		incident("other", "cart/latency", "cart", time.Hour, 0),
	}
	// One from before labels were kept is matched by those that it would have now.
	bare := incident("bare", "checkout/latency", "", 2*time.Hour, time.Hour)
	bare.Newest = alerting.Message{}
	w.Incidents = append(w.Incidents, bare)
	w.Alerts = []slo.Labels{slo.NewLabels("alertname", "DiskFull", "service", "checkout"), slo.NewLabels("alertname", "DiskFull")}
	p := look(t, w, `service="checkout"`)
	if p.Alerts != 1 || p.OfAlerts != 2 {
		t.Errorf("it matches %d of %d alerts", p.Alerts, p.OfAlerts)
	}
	var open, week []string
	for _, m := range p.Open {
		open = append(open, m.Key)
	}
	for _, m := range p.Week {
		week = append(week, m.Key)
	}
	if !slices.Equal(open, []string{"open"}) || p.OfOpen != 2 {
		t.Errorf("open are %q of %d", open, p.OfOpen)
	}
	if !slices.Equal(week, []string{"open", "bare", "yesterday", "monday"}) || p.OfWeek != 5 {
		t.Errorf("in the week there were %q of %d", week, p.OfWeek)
	}
}

func TestAWideSilenceHasToBeConfirmed(t *testing.T) {
	busy := shop()
	for i := range 8 {
		service := "mail"
		if i < 4 {
			service = "checkout"
		}
		busy.Incidents = append(busy.Incidents, incident(fmt.Sprint(i), "alert/x", service, time.Hour, 0))
	}
	for _, c := range []struct {
		name, matchers, want string
		world                World
	}{
		{"two of eight SLOs are few", `service="cart"`, "", shop()},
		{"half of eight", `service=~"cart|search"`, "it mutes 4 of 8 SLOs", shop()},
		{"everything by its severity", `severity="page"`, "it mutes 8 of 8 SLOs and 8 of 8 open incidents", busy},
		{"half of the open incidents", `service="checkout"`, "it mutes 4 of 8 open incidents", busy},
	} {
		if p := look(t, c.world, c.matchers); p.Wide != c.want {
			t.Errorf("%s: %q, want %q", c.name, p.Wide, c.want)
		}
	}
}

func TestTheCeilingLiesWellAboveWhatBurnsNow(t *testing.T) {
	w := shop()
	if p := look(t, w, `service="cart"`); p.Ceiling != 160 {
		t.Errorf("above a burn of 80 the ceiling is %v, want twice that; what is not known counts for nothing", p.Ceiling)
	}
	w.Statuses = []slo.Status{{ID: "cart/latency", Policies: []slo.PolicyStatus{{Long: slo.Burn{Rate: 3, Known: true}}}}}
	if p := look(t, w, `service="cart"`); p.Ceiling != 100 {
		t.Errorf("above a burn of 3 the ceiling is %v, want the default", p.Ceiling)
	}
	l := DefaultLimits()
	l.Ceiling = 0
	r := request(t, `service="cart"`)
	s := r.silence(noon)
	if p := Look(&s, w, l); p.Ceiling != 0 {
		t.Errorf("without a ceiling it is %v", p.Ceiling)
	}
}
