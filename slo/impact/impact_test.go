package impact

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/slo"
)

// brute counts by the spans themselves.
type brute struct {
	failed, total float64
	hurt, seen    map[uint64]bool
	regions       map[string]part
}

func bruteForce(spans []slo.JudgedSpan, groups map[string]bool) brute {
	b := brute{hurt: map[uint64]bool{}, seen: map[uint64]bool{}, regions: map[string]part{}}
	for _, s := range spans {
		if s.End.Before(noon) || !groups[s.Group.String()] {
			continue
		}
		p := b.regions[s.Values[0]]
		p.Total++
		b.total++
		b.seen[s.Customer] = true
		if s.Bad {
			p.Failed++
			b.failed++
			b.hurt[s.Customer] = true
		}
		b.regions[s.Values[0]] = p
	}
	return b
}

func TestImpactIsThatOfBruteForceInAnyOrderOfSpans(t *testing.T) {
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t, nil)
		groups := []slo.Labels{slo.NewLabels("tenant", "a"), slo.NewLabels("tenant", "b"), slo.NewLabels("tenant", "c")}
		var all []slo.JudgedSpan
		for range 3000 {
			s := span(noon.Add(time.Duration(dice.IntN(40*60)-20*60)*time.Second), dice.IntN(400), dice.IntN(5) == 0,
				[]string{"eu", "us", "ap"}[dice.IntN(3)], "1", "/pay")
			s.Group = groups[dice.IntN(3)]
			all = append(all, s)
		}
		w.set(noon.Add(20 * time.Minute))
		dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		in := checkoutIncident()
		in.Groups = groups[:1]
		w.Judged(all[:1000])
		w.ask(in)
		w.Judged(all[1000:2000])
		in.Groups = groups[:2] // the second group joins
		w.ask(in)
		for i := 2000; i < len(all); i += 7 {
			w.Judged(all[i:min(i+7, len(all))])
		}
		got, want := w.ask(in).Impact, bruteForce(all, map[string]bool{groups[0].String(): true, groups[1].String(): true})
		if got.Failed != want.failed || got.Total != want.total || got.AtLeast {
			t.Fatalf("seed %d: %v of %v failed (at least: %v), want %v of %v", seed, got.Failed, got.Total, got.AtLeast, want.failed, want.total)
		}
		if c := got.Customers; c.Hurt != float64(len(want.hurt)) || c.Seen != float64(len(want.seen)) || c.Error != 0 || !c.HurtExact || c.Unnamed != 0 {
			t.Fatalf("seed %d: customers %+v, want exactly %d of %d", seed, c, len(want.hurt), len(want.seen))
		}
		for _, r := range got.Regions {
			if want.regions[r.Name] != (part{r.Failed, r.Total}) {
				t.Fatalf("seed %d: region %+v, want %v", seed, r, want.regions[r.Name])
			}
		}
	}
}

func TestManyCustomersAreCountedWithinTheStatedError(t *testing.T) {
	for _, n := range []int{100, 1_000, 10_000, 100_000, 1_000_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			w := newWorld(t, nil)
			in := checkoutIncident()
			batch := make([]slo.JudgedSpan, 0, 1000)
			for i := range n {
				at := noon.Add(time.Duration(i) * 10 * time.Minute / time.Duration(n))
				w.set(at)
				if batch = append(batch, span(at, i, i%10 == 0, "eu", "1", "/pay")); len(batch) == cap(batch) || i == n-1 || i == n/2 {
					w.Judged(batch)
					batch = batch[:0]
				}
				if i == n/2 {
					w.ask(in)
				}
			}
			c := w.ask(in).Impact.Customers
			if c.Error > 0.0082 || n <= 1000 && c.Error != 0 {
				t.Errorf("the stated error is %v", c.Error)
			}
			for _, v := range []struct{ got, want float64 }{{c.Hurt, float64(n / 10)}, {c.Seen, float64(n)}} {
				if off := (v.got - v.want) / v.want; off > 3*c.Error || off < -3*c.Error {
					t.Errorf("counted %v of %v: off by %.3f, more than three standard errors", v.got, v.want, off)
				}
			}
		})
	}
}

func TestThreeCustomersAreThreeAmongAMillion(t *testing.T) {
	w := newWorld(t, nil)
	w.set(noon.Add(time.Minute))
	for i := range 5000 {
		w.Judged([]slo.JudgedSpan{span(noon, i, i < 3, "eu", "1", "/pay")})
	}
	if c := w.ask(checkoutIncident()).Impact.Customers; c.Hurt != 3 || !c.HurtExact || c.Error == 0 {
		t.Errorf("customers are %+v, want exactly 3 of about 5000", c)
	}
}

func TestAnIncidentLongerThanTheKeptMinutesForgetsNobody(t *testing.T) {
	w := newWorld(t, nil)
	in := checkoutIncident()
	for i := range 600 { // ten hours, a new customer every minute
		at := noon.Add(time.Duration(i) * time.Minute)
		w.set(at)
		w.Judged([]slo.JudgedSpan{span(at, i, true, "eu", "1", "/pay")})
		w.forget(t.Context(), at)
		w.ask(in)
	}
	late := span(noon.Add(5*time.Minute), 9999, true, "us", "1", "/pay") // hours late
	w.Judged([]slo.JudgedSpan{late})
	i := w.ask(in).Impact
	if i.Customers.Hurt != 601 || i.AtLeast || i.Failed != 601 || len(i.Regions) != 2 {
		t.Errorf("impact is %+v of %+v, want 601 customers in two regions", i, i.Customers)
	}
	if g := w.watch("checkout/ok").groups[""]; len(g.fine)+len(g.coarse) > pieces {
		t.Errorf("%d and %d pieces of time are kept", len(g.fine), len(g.coarse))
	}
}

func TestAnIncidentCountsFromItsVeryStart(t *testing.T) {
	w := newWorld(t, nil)
	start := noon.Add(43 * time.Second)
	for i := range 120 { // a customer a second; from the start on they fail
		at := noon.Add(time.Duration(i) * time.Second)
		w.set(at)
		w.Judged([]slo.JudgedSpan{span(at, i, !at.Before(start), "eu", "1", "/pay")})
	}
	in := checkoutIncident()
	in.Started = start
	if c := w.ask(in).Impact.Customers; c.Hurt != 77 || c.Seen != 80 {
		t.Errorf("%v of %v customers, want 77 of the 80 that came from 12:00:40 on", c.Hurt, c.Seen)
	}
}

func TestSpansKeepTheirWeightWhenPiecesBecomeMinutes(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.MaxSpans = 1 }) // 4 a piece
	for i := range 600 {
		at := noon.Add(time.Duration(i) * 100 * time.Millisecond)
		w.set(at)
		w.Judged([]slo.JudgedSpan{span(at, i, i%3 == 0, "eu", "1", "/pay")})
	}
	w.set(noon.Add(20 * time.Minute))
	w.Judged([]slo.JudgedSpan{span(noon.Add(time.Second), 1, false, "eu", "1", "/pay")}) // late, into a minute that is still in pieces
	g := w.watch("checkout/ok").groups[""]
	if len(g.fine) != 0 || len(g.coarse) != 1 {
		t.Fatalf("%d short pieces and %d minutes are kept", len(g.fine), len(g.coarse))
	}
	for _, p := range g.coarse {
		if p.total != 601 || p.failed != 200 || p.bad.seen != 200 || len(p.bad.spans) != 4 || p.good.seen != 401 || len(p.good.spans) != 4 {
			t.Errorf("kept are %v of %v bad and %v of %v good, of %v events", len(p.bad.spans), p.bad.seen, len(p.good.spans), p.good.seen, p.total)
		}
	}
}

func TestWhatBeganBeforeTheStartIsAtLeast(t *testing.T) {
	w := newWorld(t, nil)
	w.set(noon.Add(time.Minute))
	w.start(nil) // a process that starts after the incident did
	w.Judged([]slo.JudgedSpan{span(noon.Add(time.Minute), 1, true, "eu", "1", "/pay")})
	if i := w.ask(checkoutIncident()).Impact; !i.AtLeast {
		t.Errorf("impact is %+v, shown as if it were all", i)
	}
}

func TestARestartGoesOnAndAKillSaysAtLeast(t *testing.T) {
	for _, c := range []struct {
		name    string
		clean   bool
		atLeast bool
	}{{"a clean end loses nothing", true, false}, {"after a kill it is at least", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.set(noon.Add(time.Minute))
			for i := range 3000 {
				w.Judged([]slo.JudgedSpan{span(noon, i, true, "eu", "1", "/pay")})
			}
			before := w.ask(checkoutIncident()).Impact
			w.save(t.Context(), c.clean)
			w.set(noon.Add(3 * time.Minute))
			w.start(nil)
			w.Judged([]slo.JudgedSpan{span(noon.Add(2*time.Minute), 1, true, "eu", "1", "/pay")})
			after := w.ask(checkoutIncident()).Impact
			if after.AtLeast != c.atLeast || after.Failed != before.Failed+1 || math.Abs(after.Customers.Hurt-before.Customers.Hurt) > relativeError*before.Customers.Hurt {
				t.Errorf("it was %+v (%+v) and is %+v (%+v)", before, before.Customers, after, after.Customers)
			}
			w.set(noon.Add(30 * time.Minute)) // nobody asks any more: it closed
			w.forget(t.Context(), w.now())
			if len(w.kept) != 0 {
				t.Errorf("%d closed incidents are still kept", len(w.kept))
			}
		})
	}
}

func TestWhatIsKeptIsReadBackOrRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.kept[[2]string{"k1"}] = State{Key: "k1", Body: []byte("0000000x{}")}
	w.start(nil)
	w.set(noon.Add(time.Minute))
	w.Judged([]slo.JudgedSpan{span(noon, 1, true, "eu", "1", "/pay")})
	if i := w.ask(checkoutIncident()).Impact; i.Failed != 1 {
		t.Errorf("impact is %+v", i)
	}
}

func TestAFloodOfValuesTakesBoundedMemoryAndHidesNoNewVersion(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.MaxSketchBytes, o.MaxSpans = 1<<20, 50_000 })
	w.set(noon.Add(time.Minute))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 300_000 {
		s := span(noon, i, i%2 == 0, "region-"+strconv.Itoa(i), "1", "/pay/"+strconv.Itoa(i))
		s.Message = "error " + strconv.Itoa(i)
		w.Judged([]slo.JudgedSpan{s})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("it took %d MB", grown>>20)
	}
	for i := range 4000 {
		version := []string{"1", "2"}[i%2]
		w.set(noon.Add(2 * time.Minute))
		w.Judged([]slo.JudgedSpan{span(noon.Add(2*time.Minute), i, i%2 == 1, "eu", version, "/pay")})
	}
	in := checkoutIncident()
	in.Started = noon.Add(2 * time.Minute)
	e := w.ask(in)
	if e.Where == nil || len(e.Where.Explanations) == 0 || e.Where.Explanations[0].Labels.Get("version") != "2" {
		t.Errorf("where is %+v, want version 2", e.Where)
	}
}

func TestAFloodOfGroupsIsBounded(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.MaxSeries = 100 })
	for i := range 1000 {
		s := span(w.now(), 1, false, "eu", "1", "/pay")
		s.Group = slo.NewLabels("tenant", strconv.Itoa(i))
		w.Judged([]slo.JudgedSpan{s})
	}
	if n := len(w.watch("checkout/ok").groups); n != 100 {
		t.Errorf("%d groups are followed", n)
	}
	w.set(w.now().Add(3 * time.Hour))
	w.forget(t.Context(), w.now())
	s := span(w.now(), 1, false, "eu", "1", "/pay")
	s.Group = slo.NewLabels("tenant", "new")
	w.Judged([]slo.JudgedSpan{s})
	if n := len(w.watch("checkout/ok").groups); n != 1 {
		t.Errorf("%d groups are followed once the old ones are silent", n)
	}
}

// keptTraces keeps every trace whose number is even.
type keptTraces struct{}

func (keptTraces) Failure(_ context.Context, trace [16]byte) (string, bool) {
	return "payment POST /pay: no answer", trace[15]%2 == 0
}

func TestEvidenceSaysWhereItFailsAndShowsTracesOfThatPlace(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Traces = keptTraces{} })
	dice := rand.New(rand.NewPCG(3, 3))
	for i := range 20_000 {
		at := noon.Add(time.Duration(i-10_000) * 60 * time.Millisecond)
		w.set(at)
		region, version := []string{"eu", "us"}[dice.IntN(2)], []string{"2.13", "2.14"}[dice.IntN(2)]
		bad := dice.IntN(1000) == 0 || !at.Before(noon) && region == "eu" && version == "2.14" && dice.IntN(2) == 0
		w.Judged([]slo.JudgedSpan{span(at, i, bad, region, version, "/pay")})
	}
	e := w.Evidence(t.Context(), Question{Incident: checkoutIncident(), Counts: &slo.Counts{Good: 700, Total: 1000},
		Definition: &slo.Definition{ID: "checkout/ok", Impact: slo.ImpactTerms{PricePerFailedEvent: 2}}})
	if e.Where == nil || len(e.Where.Explanations) != 1 {
		t.Fatalf("where is %+v", e.Where)
	}
	x := e.Where.Explanations[0]
	if x.Labels.String() != slo.NewLabels("region", "eu", "version", "2.14").String() || x.Ratio < 0.4 || x.Ratio > 0.6 || x.Outside > 0.01 || x.Baseline > 0.02 {
		t.Errorf("the explanation is %+v", x)
	}
	if x.Total < 2000 || x.Total > 3000 {
		t.Errorf("it covers %v events, about 2500 are in it", x.Total)
	}
	if len(e.Examples) != 3 {
		t.Fatalf("examples are %+v", e.Examples)
	}
	for _, x := range e.Examples {
		if !x.Explained || x.What != "payment POST /pay: no answer" {
			t.Errorf("example %+v", x)
		}
	}
	if i := e.Impact; i.Failed != 300 || i.Total != 1000 || i.EventsEstimated || i.Cost == nil || i.Cost.Amount != 600 || i.Cost.Currency != "EUR" {
		t.Errorf("the SLO's own counts don't win: %+v", i)
	}
}

// settled keeps a trace once its number is known: five seconds after it failed, as a sampler
// does, and one of a hundred.
type settled struct{ newest *int }

func (k settled) Failure(_ context.Context, trace [16]byte) (string, bool) {
	n := int(trace[14])<<8 | int(trace[15])
	return "payment POST /pay: no answer", n <= *k.newest && n%100 == 0
}

func TestABusyServiceShowsTracesThoughItsNewestFailuresAreNotKeptYet(t *testing.T) {
	newest := 0
	w := newWorld(t, func(o *Options) { o.Traces = settled{&newest} })
	const perSecond, seconds = 200, 30
	for i := range perSecond * seconds {
		at := noon.Add(time.Duration(i) * time.Second / perSecond)
		w.set(at)
		w.Judged([]slo.JudgedSpan{span(at, i, true, "eu", "1", "/pay")})
		newest = i - 5*perSecond
	}
	e := w.Evidence(t.Context(), Question{Incident: checkoutIncident(), Counts: &slo.Counts{Total: perSecond * seconds}})
	if len(e.Examples) != 3 {
		t.Errorf("%d failing traces are shown of some 50 that are kept: %+v", len(e.Examples), e.Examples)
	}
}

func TestWithoutSpansNothingIsMadeUp(t *testing.T) {
	w := newWorld(t, nil)
	if e := w.Evidence(t.Context(), Question{Incident: checkoutIncident()}); e != nil {
		t.Errorf("evidence is %+v", e)
	}
	e := w.Evidence(t.Context(), Question{Incident: checkoutIncident(), Counts: &slo.Counts{Good: 1, Total: 3}})
	if e.Impact.Failed != 2 || e.Impact.Customers != nil || e.Where != nil {
		t.Errorf("evidence is %+v of %+v", e, e.Impact)
	}
}

func TestSpansAndQuestionsMayComeAtTheSameTime(t *testing.T) {
	w := newWorld(t, nil)
	w.set(noon.Add(time.Minute))
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 500 {
				w.Judged([]slo.JudgedSpan{span(noon, g*500+i, i%3 == 0, "eu", strconv.Itoa(i), "/pay")})
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for range 20 {
				w.Evidence(t.Context(), Question{Incident: checkoutIncident()})
				w.Raises([]Rule{{conditions: []condition{{number: true}}}}, checkoutIncident(), &slo.Definition{})
				w.forget(t.Context(), w.now())
				w.save(t.Context(), false)
			}
		})
	}
	all.Wait()
	if i := w.ask(checkoutIncident()).Impact; i.Total != 2000 || i.Customers.Hurt != 668 {
		t.Errorf("impact is %+v of %+v", i, i.Customers)
	}
}

func TestCustomersAreAtLeastThoseOfTheSpansWhereTheSLOCountedMoreThanSpansCame(t *testing.T) {
	for _, c := range []struct {
		name    string
		counts  slo.Counts
		atLeast bool
	}{
		{"every event came as a span", slo.Counts{Good: 90, Total: 100}, false},
		{"spans and samples come at different moments", slo.Counts{Good: 94, Total: 105}, false},
		{"clients send one span of ten", slo.Counts{Good: 900, Total: 1000}, true},
		{"only failures are missing", slo.Counts{Good: 60, Total: 100}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.set(noon.Add(time.Minute))
			for i := range 100 {
				w.Judged([]slo.JudgedSpan{span(noon.Add(time.Second), i, i < 10, "eu", "2", "/pay")})
			}
			i := w.Evidence(t.Context(), Question{Incident: checkoutIncident(), Counts: &c.counts}).Impact
			if i.AtLeast != c.atLeast || i.Failed != c.counts.Bad() || i.Customers.Hurt != 10 {
				t.Errorf("at least is %v of %+v with %+v, want %v", i.AtLeast, i, i.Customers, c.atLeast)
			}
		})
	}
}

func TestARuleThatRaisesSaysAnEstimateIsOne(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Exact = 100 })
	w.set(noon.Add(time.Minute))
	for i := range 5000 {
		w.Judged([]slo.JudgedSpan{span(noon.Add(time.Second), i, true, "eu", "2", "/pay")})
	}
	r, wrong := NewRule(map[string]string{"customers": ">= 100"})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	why := w.Raises([]Rule{r}, checkoutIncident(), &slo.Definition{})
	if !strings.HasPrefix(why, "it hurts about ") {
		t.Errorf("it is raised since %q", why)
	}
}

func TestAFloodOfCustomersIsBoundedAndSaysAtLeast(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Exact, o.MaxSketchBytes, o.Store = 1000, 4*sketchBytes, nil })
	w.set(noon)
	in := checkoutIncident()
	in.Groups = nil
	for g := range 50 {
		group := slo.Labels{{Name: "g", Value: strconv.Itoa(g)}}
		in.Groups = append(in.Groups, group)
		for i := range 500 {
			s := span(noon, g*500+i, true, "eu", "2", "/pay")
			s.Group = group
			w.Judged([]slo.JudgedSpan{s})
		}
	}
	held := 0
	for _, x := range w.all() {
		for _, g := range x.groups {
			g.since(0, func(p *piece, _ bool) { held += len(p.hurt.exact) + len(p.seen.exact) })
		}
	}
	if most := 4 * hashesForSketch; held > most {
		t.Errorf("%d hashes are held of 25,000 customers, at most %d may", held, most)
	}
	if i := w.ask(in).Impact; !i.AtLeast || i.Total != 25_000 {
		t.Errorf("the impact is %+v", i)
	}
	w.set(noon.Add(2 * time.Hour))
	w.forget(t.Context(), w.now())
	if sketches, hashes := w.by.pool.left.Load(), w.by.pool.exact.Load(); sketches != 4 || hashes != 4*hashesForSketch {
		t.Errorf("%d sketches and %d hashes are free after all was forgotten, want 4 and %d", sketches, hashes, 4*hashesForSketch)
	}
}
