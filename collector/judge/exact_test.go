package judge

import (
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/slo"
)

// generator makes spans and knows by itself how they count.
type generator struct {
	r    *rand.Rand
	next uint64
	want map[bucket]float64
}

// spans makes some that ended within the last while before now, and counts those that matter, in the minute
// of now, or in their own where they come late.
func (g *generator) spans(n int, now time.Time, last time.Duration) []one {
	var all []one
	for range n {
		g.next++
		s := one{
			id: g.next, service: pick(g.r, "checkout", "checkout", "cart"), region: pick(g.r, "eu", "us", ""),
			kind: pick(g.r, ptrace.SpanKindServer, ptrace.SpanKindServer, ptrace.SpanKindClient), failed: g.r.IntN(5) == 0,
			took: time.Duration(g.r.IntN(400)) * time.Millisecond, end: now.Add(-time.Duration(g.r.Int64N(int64(last) + 1))),
		}
		all = append(all, s)
		if s.service != "checkout" || s.kind != ptrace.SpanKindServer {
			continue
		}
		b := bucket{slo: "checkout/availability", group: s.region + ";", outcome: "good", minute: now.UnixMilli() / minute * minute}
		if s.failed || s.took > 300*time.Millisecond {
			b.outcome = "bad"
		}
		if now.UnixMilli()-s.end.UnixMilli() > lateness {
			b.minute = s.end.UnixMilli() / minute * minute
		}
		g.want[b]++
	}
	return all
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func compare(t *testing.T, got, want map[bucket]float64) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for b, n := range want {
		if got[b] != n {
			t.Errorf("%+v has %v, want %v", b, got[b], n)
		}
	}
	for b, n := range got {
		if want[b] == 0 {
			t.Errorf("%+v has %v, want nothing", b, n)
		}
	}
}

// Batches are sent by eight senders at once, repeated at random, cut anew and reordered, and a third of all
// commits fail, after which senders try again. What is stored equals what the generator knows.
func TestCountsEqualTheGeneratorsUnderRetriesReorderingAndFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := random(t)
		s := newStore()
		var failing sync.Mutex
		failures := rand.New(rand.NewPCG(r.Uint64(), 2))
		s.fail = func() bool {
			failing.Lock()
			defer failing.Unlock()
			return failures.IntN(3) == 0
		}
		j := newJudge(t, s, []slo.Definition{definition()})
		g := &generator{r: r, want: map[bucket]float64{}}
		for range 20 {
			// All of a round comes within its minute.
			time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + time.Second)))
			all := g.spans(400, time.Now(), time.Minute)
			var wg sync.WaitGroup
			for range 8 {
				own := append([]one(nil), all...)
				r.Shuffle(len(own), func(a, b int) { own[a], own[b] = own[b], own[a] })
				batch := 1 + r.IntN(100)
				wg.Go(func() {
					for len(own) > 0 {
						n := min(batch, len(own))
						for j.Count(t.Context(), traces(own[:n]...)) != nil {
						}
						own = own[n:]
					}
				})
			}
			wg.Wait()
		}
		compare(t, s.counted("cloud_region"), g.want)
	})
}

// Late spans come in any order, some of them twice, also after later ones of the same minute.
func TestLateSpansCountInTheirOwnMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + time.Second)))
		s := newStore()
		j := newJudge(t, s, []slo.Definition{definition()})
		g := &generator{r: random(t), want: map[bucket]float64{}}
		for i := range 40 {
			all := g.spans(50, time.Now(), []time.Duration{0, time.Minute, time.Hour, 23 * time.Hour}[i%4])
			for range 1 + i%2 {
				if err := j.Count(t.Context(), traces(all...)); err != nil {
					t.Fatal(err)
				}
			}
		}
		compare(t, s.counted("cloud_region"), g.want)
	})
}

// A process that begins anew writes to the same series, with values that may be above those of the old one.
func TestARestartIsAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		g := &generator{r: random(t), want: map[bucket]float64{}}
		for range 5 {
			time.Sleep(time.Second)
			j := newJudge(t, s, []slo.Definition{definition()})
			for range 1 + g.r.IntN(5) {
				if err := j.Count(t.Context(), traces(g.spans(g.r.IntN(200), time.Now(), 10*time.Minute)...)); err != nil {
					t.Fatal(err)
				}
			}
		}
		compare(t, s.counted("cloud_region"), g.want)
	})
}

// A store that says a commit failed and kept it all the same, as a remote one may, doubles at most that
// commit; later values are not taken for resets.
func TestACommitThatWasStoredAfterAllIsCountedTwiceAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		j := newJudge(t, s, []slo.Definition{definition()})
		send := func(from, n uint64) error {
			time.Sleep(time.Second)
			var all []one
			for id := range n {
				all = append(all, one{id: from + id, service: "checkout", kind: ptrace.SpanKindServer, end: time.Now()})
			}
			return j.Count(t.Context(), traces(all...))
		}
		if err := send(0, 100); err != nil {
			t.Fatal(err)
		}
		kept := s.counted("cloud_region")
		s.fail = func() bool { return true }
		if send(1000, 50) == nil {
			t.Fatal("a failed commit was not told")
		}
		s.fail = nil
		if err := send(2000, 1); err != nil {
			t.Fatal(err)
		}
		if before, after := total(kept, "good"), total(s.counted("cloud_region"), "good"); before != 100 || after != 101 {
			t.Errorf("%v and then %v spans are counted, want 100 and 101", before, after)
		}
	})
}

// Two nodes count into one remote store, each the spans that it is sent. Their counters are series of their own, so
// that neither looks like a reset of the other's.
func TestTwoNodesCountIntoOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + time.Second)))
		s := newStore()
		g := &generator{r: random(t), want: map[bucket]float64{}}
		nodes := []*Judge{
			newJudge(t, s, []slo.Definition{definition()}, func(o *Options) { o.Instance = "a" }),
			newJudge(t, s, []slo.Definition{definition()}, func(o *Options) { o.Instance = "b" }),
		}
		for i := range 40 {
			if err := nodes[i%2].Count(t.Context(), traces(g.spans(50, time.Now(), []time.Duration{time.Minute, time.Hour}[i/2%2])...)); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, s.counted("cloud_region"), g.want)
	})
}
