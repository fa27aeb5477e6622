package alerting

import (
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

// when parses matchers such as severity="page".
func when(t *testing.T, text ...string) labels.Matchers {
	t.Helper()
	var all labels.Matchers
	for _, one := range text {
		m, err := labels.ParseMatcher(one)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestInhibition(t *testing.T) {
	rules := []InhibitRule{
		{Source: when(t, `severity="page"`), Target: when(t, `severity="ticket"`), Equal: []string{"service"}},
		{Source: when(t, `alertname=~"Node.*"`), Target: when(t, `node!=""`), Equal: []string{"node"}},
	}
	ls := slo.NewLabels
	for _, c := range []struct {
		name   string
		fires  map[string]slo.Labels
		target slo.Labels
		by     string
	}{
		{"nothing fires", nil, ls("severity", "ticket", "service", "shop"), ""},
		{"a page keeps a ticket of its service quiet", map[string]slo.Labels{"p": ls("severity", "page", "service", "shop")},
			ls("severity", "ticket", "service", "shop"), "p"},
		{"a page of another service does not", map[string]slo.Labels{"p": ls("severity", "page", "service", "bank")},
			ls("severity", "ticket", "service", "shop"), ""},
		{"what is no target is told", map[string]slo.Labels{"p": ls("severity", "page", "service", "shop")},
			ls("severity", "page", "service", "shop"), ""},
		{"a label that both lack is shared", map[string]slo.Labels{"p": ls("severity", "page")}, ls("severity", "ticket"), "p"},
		{"a label that one lacks is not", map[string]slo.Labels{"p": ls("severity", "page", "service", "shop")}, ls("severity", "ticket"), ""},
		{"what matches both sides does not keep itself quiet", map[string]slo.Labels{"n": ls("alertname", "NodeDown", "node", "a")},
			ls("alertname", "NodeDown", "node", "a"), ""},
		{"nor its like", map[string]slo.Labels{"n": ls("alertname", "NodeDown", "node", "a")}, ls("alertname", "NodeSlow", "node", "a"), ""},
		{"but what matches the target alone", map[string]slo.Labels{"n": ls("alertname", "NodeDown", "node", "a")},
			ls("alertname", "DiskFull", "node", "a"), "n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(&Config{}, nil)
			for id, source := range c.fires {
				w.firing(id, source, true)
			}
			w.obey(&Config{Inhibit: rules}) // what fires stands under new rules at once
			if d, _ := w.suppressed(c.target, time.Time{}); d.By != c.by {
				t.Errorf("kept quiet by %q, want %q", d.By, c.by)
			}
			for id := range c.fires {
				w.firing(id, nil, false)
			}
			if d, quiet := w.suppressed(c.target, time.Time{}); quiet {
				t.Errorf("still quiet when nothing fires: %+v", d)
			}
			for i := range w.inhibitors {
				if n := len(w.inhibitors[i].sources); n > 0 {
					t.Errorf("rule %d remembers %d sources that ended", i, n)
				}
			}
		})
	}
}

func TestWhoInhibitsStaysNamedWhileItFires(t *testing.T) {
	w := newWorld(&Config{Inhibit: []InhibitRule{{Source: when(t, `severity="page"`), Target: when(t, `severity="ticket"`)}}}, nil)
	target := slo.NewLabels("severity", "ticket")
	for _, id := range []string{"b", "a", "c"} {
		w.firing(id, slo.NewLabels("severity", "page", "alertname", id), true)
	}
	for _, step := range []struct{ ends, named string }{{"", "b"}, {"a", "b"}, {"b", "c"}, {"c", ""}} {
		w.firing(step.ends, nil, false)
		if d, _ := w.inhibited(target, time.Time{}); d.By != step.named {
			t.Errorf("after %q it is kept quiet by %q, want %q", step.ends, d.By, step.named)
		}
	}
}

// BenchmarkInhibition shows that a judgement does not depend on how much fires.
func BenchmarkInhibition(b *testing.B) {
	for _, fires := range []int{10, 10_000} {
		b.Run(Count(float64(fires)), func(b *testing.B) {
			m, err := labels.ParseMatcher(`severity="page"`)
			if err != nil {
				b.Fatal(err)
			}
			target, err := labels.ParseMatcher(`severity="ticket"`)
			if err != nil {
				b.Fatal(err)
			}
			var rules []InhibitRule
			for range 10 {
				rules = append(rules, InhibitRule{Source: labels.Matchers{m}, Target: labels.Matchers{target}, Equal: []string{"service"}})
			}
			w := newWorld(&Config{Inhibit: rules}, nil)
			for i := range fires {
				w.firing(Count(float64(i)), slo.NewLabels("severity", "page", "service", Count(float64(i))), true)
			}
			ls := slo.NewLabels("severity", "ticket", "service", "none")
			for b.Loop() {
				if _, quiet := w.inhibited(ls, time.Time{}); quiet {
					b.Fatal("kept quiet by nothing")
				}
			}
		})
	}
}
