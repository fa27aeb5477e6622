package silences

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// matchers reads matchers as people write them.
func matchers(t *testing.T, all ...string) labels.Matchers {
	t.Helper()
	var ms labels.Matchers
	for _, text := range all {
		m, err := ParseMatcher(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ms = append(ms, m)
	}
	return ms
}

// request is a sound one of two hours.
func request(t *testing.T, all ...string) Request {
	t.Helper()
	return Request{Matchers: matchers(t, all...), EndsAt: noon.Add(2 * time.Hour), Author: "ada", Reason: "a new database"}
}

// shop is what there is to mute: four services with two SLOs each, one of which has regions.
func shop() World {
	w := World{At: noon}
	for _, service := range []string{"checkout", "payment", "search", "cart"} {
		for _, name := range []string{"availability", "latency"} {
			d := &slo.Definition{ID: service + "/" + name, Name: name, Service: service, Team: "team-" + service, AlertLabels: map[string]string{"tier": "1"}}
			w.Definitions = append(w.Definitions, d)
			for _, region := range regions(d.ID) {
				w.Statuses = append(w.Statuses, slo.Status{ID: d.ID, Group: slo.NewLabels("region", region), Policies: []slo.PolicyStatus{
					{Long: slo.Burn{Rate: 80, Known: true}, Short: slo.Burn{Rate: 9000}},
				}})
			}
		}
	}
	return w
}

func regions(id string) []string {
	if id == "checkout/availability" {
		return []string{"eu", "us"}
	}
	return []string{""}
}

// incident is one of an SLO that opened and closed some time before noon; one that closed 0 before is open.
func incident(key, id, service string, opened, closed time.Duration) alerting.Record {
	in := slo.Incident{Key: key, SLO: id, Severity: slo.Page, Opened: noon.Add(-opened)}
	if closed > 0 {
		in.Closed = noon.Add(-closed)
	}
	return alerting.Record{Incident: in, Title: id, Newest: alerting.Message{Labels: slo.NewLabels("service", service, "severity", "page")}}
}

// desk is a keeper on a real store with a clock and a world that tests move.
type desk struct {
	*Keeper
	t     *testing.T
	now   time.Time
	world World
	err   error
	told  [][]alerting.Silence
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d := &desk{t: t, now: noon, world: shop()}
	ids := 0
	d.Keeper, err = New(Options{
		Store: store, Limits: DefaultLimits, Now: func() time.Time { return d.now },
		World:   func(context.Context, time.Time) (World, error) { return d.world, d.err },
		Changed: func(all []alerting.Silence) { d.told = append(d.told, all) },
		NewID:   func() string { ids++; return fmt.Sprintf("id-%d", ids) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// put puts a silence in force that nothing is wrong with.
func (d *desk) put(r Request) alerting.Silence {
	d.t.Helper()
	s, err := d.Put(d.t.Context(), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// inForce are the IDs that were passed on last.
func (d *desk) inForce() string {
	text := ""
	for _, s := range d.told[len(d.told)-1] {
		text += s.ID + " "
	}
	return text
}
