package alerting_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// walk is a random story of four SLOs of which three depend on each other in a line,
// with the silences that there are.
type walk struct {
	*routed
	rand     *rand.Rand
	open     map[string]string // the key of an SLO's open page
	silenced map[string]bool
	n        int
	log      []string
}

// services are the SLOs, each after those that it depends on, with their teams: the
// home page is the bank's, so that it shares a receiver with what it depends on.
func (w *walk) services() [][2]string {
	return [][2]string{{"bank/pay", "bank"}, {"shop/buy", "web"}, {"web/home", "bank"}, {"mail/send", "web"}}
}

func (w *walk) step() {
	s := w.services()[w.rand.IntN(4)]
	id, team := s[0], s[1]
	service, _, _ := strings.Cut(id, "/")
	said := ""
	switch w.rand.IntN(8) {
	case 0, 1, 2:
		if w.open[id] != "" {
			return
		}
		w.n++
		w.open[id] = fmt.Sprintf("%s-%d", service, w.n)
		w.happens(slo.IncidentOpened, id, team, func(t *slo.Transition) { t.Incident.Key = w.open[id] })
		said = "opens " + w.open[id]
	case 3, 4:
		if w.open[id] == "" {
			return
		}
		w.happens(slo.IncidentClosed, id, team, func(t *slo.Transition) { t.Incident.Key = w.open[id] })
		said = "closes " + w.open[id]
		w.open[id] = ""
	case 5:
		w.silenced[service] = !w.silenced[service]
		w.router.SetSilences(w.silences())
		said = fmt.Sprintf("silences %s: %v", service, w.silenced[service])
	case 6:
		w.early = w.silences() // known before anything is judged, as at a start of the server
		w.restart()
		said = "restarts"
	case 7:
		w.receiver.answers(retry("503"), retry("503"))
		said = "is away for two attempts"
	}
	w.log = append(w.log, fmt.Sprintf("%s %s", time.Since(w.start).Round(time.Second), said))
}

// silences are those that there are.
func (w *walk) silences() []alerting.Silence {
	var all []alerting.Silence
	for name, on := range w.silenced {
		if on {
			silence := w.silence(name, 24*time.Hour, 0)
			silence.ID = "silence of " + name
			all = append(all, silence)
		}
	}
	return all
}

// told says whether the page of an SLO is to be told: it is open, not silenced, and no
// page of what it depends on is told.
func (w *walk) told(id string) bool {
	service, _, _ := strings.Cut(id, "/")
	if w.open[id] == "" || w.silenced[service] {
		return false
	}
	for _, dep := range w.config.DependsOn.Of(id) {
		if w.told(dep) {
			return false
		}
	}
	return true
}

// seen is what a receiver of incidents knows after all that was sent: by receiver and key,
// the severity of what is open.
func (w *walk) seen() map[string]string {
	open := map[string]string{}
	for _, line := range w.receiver.lines() { // 15s web: trigger page of shop-1: accepted: …
		var receiver, action, severity, key, verdict string
		if _, err := fmt.Sscanf(line, "%s %s %s %s of %s %s", new(string), &receiver, &action, &severity, &key, &verdict); err != nil {
			w.t.Fatalf("read %q: %v", line, err)
		}
		at := receiver + " " + strings.TrimSuffix(key, ":")
		switch {
		case verdict != "accepted:":
		case action == "resolve":
			delete(open, at)
		case action == "update" && open[at] == "":
			w.t.Errorf("%q updates what is not open there", line)
		case action == "trigger" && open[at] != "":
			w.t.Errorf("%q triggers what is open there, which wakes nobody", line)
		case action == "trigger":
			open[at] = severity
		}
	}
	return open
}

// check compares what receivers know with what they are to know.
func (w *walk) check() {
	w.t.Helper()
	seen := w.seen()
	current := map[string]bool{}
	for _, s := range w.services() {
		id, team := s[0], s[1]
		at := team + ": " + w.open[id]
		current[at] = w.open[id] != ""
		if w.told(id) && seen[at] != "page" {
			w.t.Errorf("the page of %s is open and told to nobody: %q knows %q", w.open[id], at, seen[at])
		}
		service, _, _ := strings.Cut(id, "/")
		if w.open[id] != "" && !w.silenced[service] && !w.told(id) && seen[at] == "page" {
			w.t.Errorf("the page of %s is told twice: by its own and by that of its dependency", w.open[id])
		}
	}
	for at, severity := range seen {
		if !current[at] {
			w.t.Errorf("%s is over and still open as a %s", at, severity)
		}
	}
}

// Whatever happens, in any order, with receivers that are away and routers that die: once
// things have settled, every page that nothing keeps back is open where it belongs, once,
// and nothing that is over is open anywhere.
func TestNoPageIsLostOrToldTwice(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			tellRouted(t, nil, func(r *routed) {
				r.receiver.verdicts = true
				w := &walk{routed: r, rand: rand.New(rand.NewPCG(seed, 4)), open: map[string]string{}, silenced: map[string]bool{}}
				for range 6 {
					for range 1 + w.rand.IntN(5) {
						w.step()
						w.pass(time.Duration(w.rand.IntN(20_000)) * time.Millisecond)
					}
					w.pass(2 * time.Minute)
					w.check()
				}
				if t.Failed() {
					t.Logf("what happened:\n  %s\nwhat was sent:\n  %s", strings.Join(w.log, "\n  "), strings.Join(w.receiver.lines(), "\n  "))
					for _, s := range w.services() {
						if record, ok, err := w.store.Incident(context.Background(), w.open[s[0]]); ok && err == nil {
							t.Logf("%s: %+v\n%q", s[0], record.Decisions, w.rows(w.open[s[0]]))
						}
					}
				}
			})
		})
	}
}
