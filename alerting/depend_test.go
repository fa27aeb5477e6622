package alerting

import (
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

// page is an open page of an SLO that is told, or not, by its fate at oncall.
func page(id string, at time.Time, fate Fate, groups ...slo.Labels) remembered {
	if len(groups) == 0 {
		groups = []slo.Labels{nil}
	}
	return remembered{
		incident: slo.Incident{Key: "key of " + id, SLO: id, Severity: slo.Page, Opened: at, Groups: groups},
		settled:  settled{decisions: []Decision{{Receiver: "oncall", Fate: fate}}},
	}
}

func TestDependencies(t *testing.T) {
	at := clockTime(14, 0)
	eu, us := slo.NewLabels("region", "eu"), slo.NewLabels("region", "us")
	deps := slo.Dependencies{"web/home": {"shop/buy"}, "shop/buy": {"bank/pay"}, "a/a": {"b/b"}, "b/b": {"a/a"}}
	of := func(id string, groups ...slo.Labels) slo.Incident {
		return page(id, at.Add(time.Minute), FateSend, groups...).incident
	}
	for _, c := range []struct {
		name string
		open []remembered
		in   slo.Incident
		by   string
	}{
		{"no page of a dependency is open", nil, of("shop/buy"), ""},
		{"the page of a dependency tells it", []remembered{page("bank/pay", at, FateSend)}, of("shop/buy"), "bank/pay"},
		{"so does that of a dependency's dependency", []remembered{page("bank/pay", at, FateSend)}, of("web/home"), "bank/pay"},
		{"of several the one furthest down", []remembered{page("shop/buy", at, FateSend), page("bank/pay", at, FateSend)}, of("web/home"), "bank/pay"},
		{"one that is merged itself tells nothing", []remembered{page("shop/buy", at, FateMerged)}, of("web/home"), ""},
		{"one that is silenced tells nothing", []remembered{page("bank/pay", at, FateSilenced)}, of("shop/buy"), ""},
		{"one that nobody is told of tells nothing", []remembered{page("bank/pay", at, FateNobody)}, of("shop/buy"), ""},
		{"an SLO that depends on nothing is told", []remembered{page("shop/buy", at, FateSend)}, of("bank/pay"), ""},
		{"in a circle every page is told", []remembered{page("a/a", at, FateSend)}, of("b/b"), ""},
		{"the same region is explained", []remembered{page("bank/pay", at, FateSend, eu)}, of("shop/buy", eu), "bank/pay"},
		{"another region is not", []remembered{page("bank/pay", at, FateSend, eu)}, of("shop/buy", us), ""},
		{"nor one of two", []remembered{page("bank/pay", at, FateSend, eu)}, of("shop/buy", eu, us), ""},
		{"a dependency without regions explains every region", []remembered{page("bank/pay", at, FateSend)}, of("shop/buy", eu, us), "bank/pay"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := oncall()
			config.DependsOn = deps
			w := newWorld(&config, nil)
			for _, k := range c.open {
				w.learn(k)
			}
			w.learn(remembered{incident: c.in}) // its own page is no page of a dependency
			got := ""
			if k := w.explaining(c.in); k != nil {
				got = k.incident.SLO
			}
			if got != c.by {
				t.Errorf("told by the page of %q, want %q", got, c.by)
			}
		})
	}
}

func TestWhatAPageTellsToo(t *testing.T) {
	at := clockTime(14, 0)
	config := oncall()
	config.DependsOn = slo.Dependencies{"web/home": {"shop/buy"}, "shop/buy": {"bank/pay"}, "shop/search": {"bank/rate"}}
	w := newWorld(&config, nil)
	for i, id := range []string{"web/home", "shop/buy", "shop/search"} {
		w.learn(page(id, at.Add(-time.Duration(i)*time.Minute), FateSend))
	}
	bank := page("bank/pay", at, FateSend).incident
	if got, want := w.dependents(bank), []string{"shop/buy", "web/home"}; !slices.Equal(got, want) {
		t.Errorf("it tells the pages of %q, want %q, the oldest first", got, want)
	}
	w.forget("key of shop/buy")
	if got, want := w.dependents(bank), []string{"web/home"}; !slices.Equal(got, want) {
		t.Errorf("it tells the pages of %q, want %q", got, want)
	}
}

func TestWhetherAPageMayFollow(t *testing.T) {
	began := clockTime(14, 0)
	status := func(state slo.State, last time.Time, rate float64) []slo.Status {
		return []slo.Status{{State: state, LastSample: last, Policies: []slo.PolicyStatus{
			{Policy: slo.Policy{Severity: slo.Page}, Short: slo.Burn{Known: true, Rate: rate}}}}}
	}
	for _, c := range []struct {
		name     string
		statuses []slo.Status
		want     bool
	}{
		{"nothing is known of the dependency", nil, true},
		{"it burns", status(slo.StateOK, began.Add(time.Minute), 3), true},
		{"it spends no more than its budget", status(slo.StateOK, began.Add(time.Minute), 0.5), false},
		{"its samples are older than the breach", status(slo.StateOK, began.Add(-time.Second), 0), true},
		{"it gets no data", status(slo.StateMissing, began.Add(time.Minute), 0), true},
		{"it has never had data", status(slo.StateUnseen, time.Time{}, 0), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mayFollow(c.statuses, began); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWhatAnIntegrationIsToldOnce(t *testing.T) {
	elsewhere := &fork{elsewhere: true}
	for _, c := range []struct {
		name        string
		fate        Fate
		fork        *fork
		before      Fate
		at          standing
		kind        slo.TransitionKind
		taken, news bool
		want        []act
	}{
		{name: "an opening is told", fate: FateSend, kind: slo.IncidentOpened, want: []act{actTell}},
		{name: "one that is held waits", fate: FateHeld, kind: slo.IncidentOpened, want: []act{actHold}},
		{name: "one that is silenced is not told", fate: FateSilenced, kind: slo.IncidentOpened},
		{name: "what is known is not told twice", fate: FateSend, at: standing{open: true, touched: true}, kind: revised},
		{name: "when a silence is over it is told", fate: FateSend, before: FateSilenced, kind: revised, want: []act{actTell}},
		{name: "also where another receiver has taken it", fate: FateSend, before: FateMuted, kind: revised, taken: true, want: []act{actTell}},
		{name: "a new route tells nobody of what was taken", fate: FateSend, kind: revised, taken: true},
		{name: "but of what nobody took", fate: FateSend, kind: revised, want: []act{actTell}},
		{name: "a silence ends what nobody tried to send", fate: FateSilenced, at: standing{open: true}, kind: revised, want: []act{actWithdraw}},
		{name: "of what may have arrived only the updates", fate: FateSilenced, at: standing{open: true, touched: true}, kind: revised, want: []act{actHush}},
		{name: "what was refused before a silence is told after it", fate: FateSend, before: FateSilenced, at: standing{open: true, touched: true, refused: true}, kind: revised, want: []act{actTell}},
		{name: "a further group is told where the incident is known", fate: FateSend, at: standing{open: true, touched: true}, kind: slo.IncidentJoined, news: true, want: []act{actRefresh}},
		{name: "but not under a silence", fate: FateSilenced, at: standing{open: true, touched: true}, kind: slo.IncidentJoined, news: true, want: []act{actHush}},
		{name: "a held page gives way to that of its dependency", fate: FateMerged, before: FateHeld, at: standing{open: true}, kind: revised, want: []act{actWithdraw}},
		{name: "and another team gets a note", fate: FateMerged, fork: elsewhere, before: FateHeld, at: standing{open: true}, kind: revised, want: []act{actWithdraw, actNote}},
		{name: "a page that was sent is absorbed", fate: FateMerged, fork: elsewhere, before: FateSend, at: standing{open: true, touched: true}, kind: revised, want: []act{actAbsorb}},
		{name: "what opens after its dependency is a note to another team", fate: FateMerged, fork: elsewhere, kind: slo.IncidentOpened, want: []act{actNote}},
		{name: "and nothing to the same one", fate: FateMerged, kind: slo.IncidentOpened},
		{name: "a note is told once", fate: FateMerged, fork: elsewhere, before: FateMerged, at: standing{open: true, touched: true, note: true}, kind: revised},
		{name: "also after it was absorbed", fate: FateMerged, fork: elsewhere, before: FateMerged, kind: revised},
		{name: "when the dependency is over a note becomes a page", fate: FateSend, before: FateMerged, at: standing{open: true, touched: true, note: true}, kind: revised, taken: true, want: []act{actRetell}},
		{name: "one that nobody tried to send gives way to the page", fate: FateSend, before: FateMerged, at: standing{open: true, note: true}, kind: revised, want: []act{actWithdraw, actTell}},
		{name: "and an absorbed page is a page again", fate: FateSend, before: FateMerged, kind: revised, taken: true, want: []act{actTell}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fork{}
			if c.fork != nil {
				f = *c.fork
			}
			f.decision.Fate = c.fate
			if got := need(&f, c.before, c.at, c.kind, c.taken, c.news); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
