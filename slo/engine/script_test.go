package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// Scripts in testdata tell a story on a virtual clock, one command a line:
//
//	slo objective=99.9 window=30d by=region resolve=5m   the SLO; default policies
//	    also window=month zone=Europe/Berlin, budgeting=timeslices slice=1m target=0.9, and
//	    kind=slices|samples|ratio|asked slice=1m, of gauges and of a query's answers
//	clock 2026-03-29T00:00:00+01:00   when the story begins
//	gauge eu 1 / gauge eu none   the value of a region's gauge from now on, a sample a second
//	answer eu 0.02 / none, answer fails / works   what the query answers from now on
//	composite worst pay search=3   the SLO becomes one of the further ones
//	left eu 97.5 / left eu unknown   the percentage of a region's budget that is left
//	policy page 6h 30m 6       instead of the default policies, may be repeated
//	rate eu total=10 bad=1     events a second in a region from now on ("-": none)
//	history 30d                the past at these rates, a sample a minute, in
//	                           the last two hours a second
//	begin                      the engine starts; story time is 0 here
//	at 5m                      let time pass second by second up to a story time
//	add eu total=1 bad=1       single events, in the next second
//	silent / reporting         samples stop and go on; events are kept back
//	counter eu 500 1e6 start=480h   a sample of a raw counter
//	hold / release             samples are held back (with their times), then come all at once
//	hurts many / few           whether a rule raises tickets to pages for their impact
//	commit fails / works       what committing a transition answers
//	restart                    a new engine adopts the open and the closed incidents
//	remove                     the SLO leaves the configuration
//	mark                       story time becomes 0 again
//	maintenance 1h 2h          a correction between two story times, before or after now;
//	exclusion 1h 2h shop/pay   each adds to those before, for all SLOs or those named
//	uncorrect                  all corrections are removed
//	lose 1h30m                 storage no longer holds samples from before a story time
//	state eu ok                the state of a region
//	says eu held: work until   part of the reason of a region's state
//	rests eu since=5m until=40m rule=6h failed=3000   since when the failing of a region's incident has
//	                           stopped, when it closes, by which rule; rests eu no: it goes on, or nobody knows
//	held eu 6h and 30m, above 6   part of what holds a region's incident open
//	whole eu total=100 bad=1   the events of the SLO's whole window
//	window eu 5m total=100 bad=1   the events of one of its windows
//	also pay job=till no_data=ticket   a further SLO, shop/pay, with series of its
//	                           own; its regions are written pay/eu, pay/-
//	also s 200                 as many of them: s1, s2, … s200
//	silent pay / reporting pay its samples stop and go on
//	down 20m                   the engine stands still up to a story time
//	dark pay no                whether and how urgently the SLO is without data
//	jump 3h / jump -1h         the clock is set forth or back
//	store fails / works        what reading storage answers
//	store full                 nothing is stored from now on; samples are to be silent too
//	forget pay                 a further SLO leaves the configuration
//	> 52s opened page eu       a transition that the last at brought, in order;
//	                           every one has to be named
//
// "#" begins a comment.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("find scripts: %v, %d files", err, len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			newStory(t).play(file, string(text))
		})
	}
}

type story struct {
	t            *testing.T
	where        string
	now, zero    time.Time
	def          slo.Definition
	store        *memory
	engine       *Engine
	rates        map[string][2]float64 // total and bad a second
	values       map[string]float64    // of every counter
	series       map[string]*slo.Series
	silent, hold bool
	full         time.Time // since when nothing is stored
	held         []slo.SeriesSample
	failing      bool
	hurts        bool
	seen         []string
	open         map[string]slo.Incident
	closed       []slo.Incident
	keys         map[string]bool
	corrections  []slo.Correction
	further      []slo.Definition // beside def; see script_dark_test.go
	quiet        map[string]bool  // the SLOs whose samples stopped
	kinds        kinds
}

func newStory(t *testing.T) *story {
	zero := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return &story{
		t: t, now: zero, zero: zero, store: newMemory(), rates: map[string][2]float64{}, values: map[string]float64{},
		series: map[string]*slo.Series{}, open: map[string]slo.Incident{}, keys: map[string]bool{},
		quiet: map[string]bool{},
	}
}

func (s *story) play(file, text string) {
	for i, line := range strings.Split(text, "\n") {
		s.where = fmt.Sprintf("%s:%d", file, i+1)
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if words[0] != ">" && len(s.seen) > 0 {
			s.t.Fatalf("%s: nobody expected %q", s.where, s.seen)
		}
		s.command(words)
	}
	if len(s.seen) > 0 {
		s.t.Fatalf("%s: nobody expected %q", s.where, s.seen)
	}
}

func (s *story) command(w []string) {
	switch w[0] {
	case "slo":
		s.define(w[1:])
	case "policy":
		s.def.Policies = append(s.def.Policies, slo.Policy{
			Severity: slo.Severity(w[1]), Long: s.duration(w[2]), Short: s.duration(w[3]), Factor: s.number(w[4]),
		})
	case "rate":
		s.rates[w[1]] = s.amounts(w[2:])
	case "history":
		s.history(s.duration(w[1]))
	case "begin":
		s.begin()
	case "at":
		s.pass(s.zero.Add(s.duration(w[1])))
	case "add":
		s.count(w[1], s.amounts(w[2:]))
		s.pass(s.now.Add(time.Second))
	case "counter":
		s.counter(w)
	case "silent", "reporting":
		s.hush(w[0] == "silent", w[1:])
	case "also":
		s.also(w[1:])
	case "down":
		s.down(s.zero.Add(s.duration(w[1])))
	case "dark":
		s.dark(w[1], strings.Join(w[2:], " "))
	case "jump":
		s.now = s.now.Add(s.duration(w[1]))
	case "store":
		s.store.err = map[string]error{"fails": errors.New("the disk is gone"), "works": nil}[w[1]]
		s.full = time.Time{}
		if w[1] == "full" {
			s.full = s.now
		}
	case "forget":
		s.forget(w[1])
	case "composite":
		s.composite(w[1:])
	case "clock":
		s.clock(w[1])
	case "gauge":
		s.gauge(w[1], w[2])
	case "answer":
		s.answer(w[1:])
	case "left":
		s.left(w[1], w[2])
	case "hold":
		s.hold = true
	case "release":
		s.release()
	case "hurts":
		s.hurts = w[1] == "many"
	case "commit":
		s.failing = w[1] == "fails"
	case "restart":
		s.begin()
	case "remove":
		s.check(s.engine.Update(nil))
	case "mark":
		s.zero = s.now
	case "maintenance", "exclusion":
		s.corrections = append(s.corrections, slo.Correction{
			ID: fmt.Sprint(len(s.corrections)), Kind: slo.CorrectionKind(w[0]), Services: []string{"shop"}, SLOs: w[3:], Reason: "work",
			From: s.zero.Add(s.duration(w[1])), To: s.zero.Add(s.duration(w[2])),
		})
		s.correct()
	case "lose":
		s.store.lose(s.zero.Add(s.duration(w[1])).UnixMilli())
	case "uncorrect":
		s.corrections = nil
		s.correct()
	case "state":
		s.state(w[1], w[2])
	case "says":
		if st := s.status(w[1]); !strings.Contains(st.Reason, strings.Join(w[2:], " ")) {
			s.t.Fatalf("%s: the reason is %q", s.where, st.Reason)
		}
	case "rests":
		s.rests(w[1], w[2:])
	case "held":
		if h := s.holding(w[1]); !strings.Contains(h.Reason, strings.Join(w[2:], " ")) {
			s.t.Fatalf("%s: what holds it open is %q", s.where, h.Reason)
		}
	case "whole":
		c, want := s.status(w[1]).Whole.Counts, s.amounts(w[2:])
		if !near(c.Total, want[0]) || !near(c.Bad(), want[1]) {
			s.t.Fatalf("%s: got %v events, %v of them bad", s.where, c.Total, c.Bad())
		}
	case "window":
		s.window(w[1], w[2], s.amounts(w[3:]))
	case ">":
		s.expect(strings.Join(w[1:], " "))
	default:
		s.t.Fatalf("%s: unknown command %q", s.where, w[0])
	}
}

func (s *story) check(err error) {
	if err != nil {
		s.t.Fatalf("%s: %v", s.where, err)
	}
}

func (s *story) duration(text string) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		return time.Duration(s.number(days)) * 24 * time.Hour
	}
	d, err := time.ParseDuration(text)
	s.check(err)
	return d
}

func (s *story) number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	s.check(err)
	return v
}

func (s *story) amounts(words []string) [2]float64 {
	var v [2]float64
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		v[map[string]int{"total": 0, "bad": 1}[name]] = s.number(value)
	}
	return v
}

func (s *story) define(words []string) {
	s.def = slo.Definition{ID: "shop/buy", Journey: "buy", Service: "shop", Name: "buy", ResolveAfter: 5 * time.Minute, MinBad: 2}
	req := slo.Selector{Name: "req"}
	failed := slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "500"}}}
	s.def.SLI.Events = &slo.EventsSLI{Total: slo.Sum{{Selector: req}}, Bad: slo.Sum{{Selector: failed}}}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "objective":
			s.def.Objective = s.number(value)
		case "by":
			s.def.GroupBy = []string{value}
		case "resolve":
			s.def.ResolveAfter = s.duration(value)
		case "no_data":
			s.def.NoData = slo.NoData(value)
		default:
			s.option(name, value)
		}
	}
	s.complete()
}

func (s *story) begin() {
	if len(s.def.Policies) == 0 {
		s.def.Policies = slo.DefaultPolicies(s.def.Window.Nominal())
	}
	e, err := New(Options{
		Reader: s.store, Querier: s, Commit: s.commit, Raise: s.raise, Unstored: s.unstored, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler),
	})
	s.check(err)
	s.engine = e
	known := slices.Clone(s.closed)
	for _, inc := range s.open {
		known = append(known, inc)
	}
	e.Restore(known)
	e.Correct(s.corrections)
	s.update()
	s.tick()
}

func (s *story) tick() {
	s.engine.watch.tick(s.now)
	defer func() { s.engine.watchOnce(context.Background(), s.now) }()
	for _, t := range append(s.engine.list(), s.engine.leavers()...) {
		s.engine.evaluate(context.Background(), t)
		if t.wantsRead(s.now.UnixMilli()) {
			readThrough(context.Background(), s.engine, t)
			s.engine.evaluate(context.Background(), t)
		}
		for t.wantsAsk(s.now.UnixMilli()) {
			s.engine.askOnce(context.Background(), t)
			s.engine.evaluate(context.Background(), t)
		}
	}
	for _, t := range s.engine.list() {
		if !t.whole {
			s.engine.evaluate(context.Background(), t)
		}
	}
}

func (s *story) correct() {
	if s.engine != nil {
		s.engine.Correct(s.corrections)
		s.tick()
	}
}
