package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/slo"
)

// now returns so many server spans of checkout that end now.
func now(from uint64, n int, change ...func(*one)) []one {
	var all []one
	for i := range n {
		s := one{id: from + uint64(i), service: "checkout", region: "eu", kind: ptrace.SpanKindServer, end: time.Now()}
		for _, c := range change {
			c(&s)
		}
		all = append(all, s)
	}
	return all
}

func fails(s *one) { s.failed = true }

func count(t *testing.T, j *Judge, all ...one) {
	t.Helper()
	if err := j.Count(t.Context(), traces(all...)); err != nil {
		t.Fatal(err)
	}
}

func TestCountersAreOrdinarySeriesWithStartAndExemplars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		j := newJudge(t, s, []slo.Definition{definition()})
		begun := time.Now()
		count(t, j, now(1, 3)...)
		count(t, j, now(10, 2, fails)...)
		conditions := definition().SLI.Spans.Conditions()
		for outcome, want := range map[string]float64{"good": 3, "bad": 2} {
			key := fmt.Sprintf(`{__name__="slo_span_events_total", cloud_region="eu", job="checkout", judged="%s", outcome="%s", slo="checkout/availability"}`, conditions, outcome)
			samples := s.series[key]
			if len(samples) == 0 {
				t.Fatalf("there is no %s, but %v", key, slices.Sorted(maps.Keys(s.series)))
			}
			times := slices.Sorted(maps.Keys(samples))
			if first, last := samples[times[0]], samples[times[len(times)-1]]; first != 0 || last != want {
				t.Errorf("%s begins with %v and ends with %v, want 0 and %v", outcome, first, last, want)
			}
			if s.starts[key] != begun.UnixMilli()-1 || s.shown[key] != 1 {
				t.Errorf("%s starts at %d and has %d exemplars, want %d and 1", outcome, s.starts[key], s.shown[key], begun.UnixMilli()-1)
			}
		}
	})
}

func TestBadSpansAreMarked(t *testing.T) {
	j := newJudge(t, newStore(), []slo.Definition{definition(), definition(func(d *slo.Definition) { d.ID += "/99" }),
		definition(func(d *slo.Definition) {
			d.ID, d.Name = "checkout/slow", "slow"
			d.SLI.Spans = &slo.SpansSLI{Service: "checkout", Bad: "duration > 1s", Attributes: d.SLI.Spans.Attributes}
		})})
	td := traces(slices.Concat(now(1, 1), now(2, 1, fails), now(3, 1, func(s *one) { s.took = 2 * time.Second }))...)
	if err := j.Count(t.Context(), td); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sp := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		got = append(got, attribute(Mark, sp.Attributes(), sp.Attributes()))
	}
	want := []string{"", "checkout/availability,checkout/availability/99", "checkout/availability,checkout/availability/99,checkout/slow"}
	if !slices.Equal(got, want) {
		t.Errorf("the marks are %q, want %q", got, want)
	}
}

// A flood of values takes no more memory than the limit, and is a group of its own that says so.
// Clients, and other Burnlines on the way, may send the mark too: it stands for what is judged here.
func TestAMarkThatIsNotOursIsTakenOff(t *testing.T) {
	j := newJudge(t, newStore(), []slo.Definition{definition()})
	td := traces(slices.Concat(now(1, 1), now(2, 1, fails), now(3, 1, func(s *one) { s.service = "other" }),
		now(4, 1, func(s *one) { s.kind = ptrace.SpanKindInternal; s.service = "checkout" }))...)
	var got []string
	each := func(do func(sp ptrace.Span)) {
		for _, rs := range td.ResourceSpans().All() {
			for _, sp := range rs.ScopeSpans().At(0).Spans().All() {
				do(sp)
			}
		}
	}
	each(func(sp ptrace.Span) { sp.Attributes().PutStr(Mark, "payment/availability") })
	if err := j.Count(t.Context(), td); err != nil {
		t.Fatal(err)
	}
	each(func(sp ptrace.Span) { got = append(got, attribute(Mark, sp.Attributes(), sp.Attributes())) })
	if want := []string{"", "checkout/availability", "", ""}; !slices.Equal(got, want) {
		t.Errorf("marks are %q, want %q", got, want)
	}
}

func TestGroupsBeyondTheLimitAreCountedApart(t *testing.T) {
	s := newStore()
	reg := prometheus.NewPedanticRegistry()
	j := newJudge(t, s, []slo.Definition{definition()}, func(o *Options) { o.Groups, o.Registerer = 3, reg })
	var all []one
	for i := range 50 {
		all = append(all, now(uint64(i), 1, func(s *one) { s.region = fmt.Sprintf("r%d", i) })...)
	}
	all = append(all, now(100, 1, func(s *one) { s.region = strings.Repeat("x", longestValue+1) })...)
	count(t, j, all...)
	got := map[string]float64{}
	for b, n := range s.counted("cloud_region") {
		got[b.group] += n
	}
	want := map[string]float64{"r0;": 1, "r1;": 1, "r2;": 1, Overflow + ";": 48}
	if !maps.Equal(got, want) {
		t.Errorf("the groups are %v, want %v", got, want)
	}
	if n := testutil.ToFloat64(j.metrics.overflow); n != 48 {
		t.Errorf("%v spans are told to be beyond the limit, want 48", n)
	}
}

func TestCountersGoOnOverAReloadUnlessTheConditionsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		j := newJudge(t, s, []slo.Definition{definition()})
		count(t, j, now(1, 5)...)
		if err := j.Set([]slo.Definition{definition(func(d *slo.Definition) { d.Objective = 99 })}); err != nil {
			t.Fatal(err)
		}
		count(t, j, now(10, 5)...)
		if n := len(s.series); n != 2 {
			t.Errorf("there are %d series after a change of the objective, want 2: one for each outcome", n)
		}
		changed := definition(func(d *slo.Definition) { d.SLI.Spans.Bad = "duration > 1s" })
		if err := j.Set([]slo.Definition{changed}); err != nil {
			t.Fatal(err)
		}
		count(t, j, now(20, 5)...)
		if n := len(s.series); n != 4 {
			t.Errorf("there are %d series after a change of the conditions, want 4", n)
		}
		if n := total(s.counted(), "good"); n != 15 {
			t.Errorf("%v spans are counted, want 15", n)
		}
		wrong := definition(func(d *slo.Definition) { d.SLI.Spans.Bad = "duration >" })
		if err := j.Set([]slo.Definition{wrong}); err == nil || !strings.Contains(err.Error(), "checkout/availability") {
			t.Errorf("conditions that can't be read are answered with %v", err)
		}
		count(t, j, now(30, 1)...)
		if n := total(s.counted(), "good"); n != 16 {
			t.Errorf("%v spans are counted after a refused change, want 16", n)
		}
	})
}

// While the service sends spans of any kind its counters report, so that an SLO without events is idle and
// not missing.
func TestCountersReportWhileTheServiceSendsSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		j := newJudge(t, s, []slo.Definition{definition()})
		count(t, j, now(1, 1)...)
		for i := range 8 {
			time.Sleep(10 * time.Second)
			count(t, j, now(uint64(100+i), 1, func(s *one) { s.kind = ptrace.SpanKindClient })...)
		}
		for key, samples := range s.series {
			if len(samples) != 2+4 {
				t.Errorf("%s has %d samples, want 6: two at its begin and one every 20 s", key, len(samples))
			}
		}
		time.Sleep(time.Minute)
		before := s.commits
		count(t, j, now(300, 1, func(s *one) { s.service = "cart" })...)
		if s.commits != before {
			t.Error("spans of another service had something stored")
		}
	})
}

func TestSpansThatCannotCountAreTold(t *testing.T) {
	s := newStore()
	j := newJudge(t, s, []slo.Definition{definition(func(d *slo.Definition) { d.SLI.Spans.Bad = `ParseJSON(attributes["enduser.id"]) == 7` })})
	count(t, j, now(1, 1, func(s *one) { s.customer = "{" })...)
	count(t, j, now(2, 2, func(s *one) { s.end = time.Now().Add(-25 * time.Hour); s.customer = "[]" })...)
	count(t, j, now(10, 1, func(s *one) { s.end = time.Now().Add(time.Hour); s.customer = "[]" })...)
	if n := testutil.ToFloat64(j.metrics.judged.WithLabelValues("good")) + testutil.ToFloat64(j.metrics.judged.WithLabelValues("bad")); n != 1 {
		t.Errorf("%v spans are said to be counted, want the one from the future", n)
	}
	for reason, want := range map[string]float64{"too_old": 2, "unjudged": 1} {
		if n := testutil.ToFloat64(j.metrics.uncounted.WithLabelValues(reason)); n != want {
			t.Errorf("%v spans are %s, want %v", n, reason, want)
		}
	}
	if n := testutil.ToFloat64(j.metrics.future); n != 1 {
		t.Errorf("%v spans are told to be from the future, want 1", n)
	}
}

// A store that has no room for the series takes all of it once it has.
func TestWhatTheStoreRefusesCountsOnceItTakesTheSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.refuse = func(labels.Labels) bool { return true }
		j := newJudge(t, s, []slo.Definition{definition()})
		count(t, j, now(1, 5)...)
		if n := testutil.ToFloat64(j.metrics.refused); n != 2 {
			t.Errorf("%v samples are told to be refused, want 2", n)
		}
		s.refuse = nil
		count(t, j, now(10, 1)...)
		if n := total(s.counted(), "good"); n != 6 {
			t.Errorf("%v spans are counted, want 6", n)
		}
	})
}

// sink remembers what it was shown.
type sink struct{ all []slo.JudgedSpan }

func (s *sink) Judged(spans []slo.JudgedSpan) {
	for _, one := range spans {
		one.Values = slices.Clone(one.Values)
		s.all = append(s.all, one)
	}
}

func TestTheSinkIsShownEverySpanOnce(t *testing.T) {
	to := &sink{}
	latency := slo.Definition{ID: "checkout/latency", Name: "latency", Service: "checkout", SLI: slo.SLI{Latency: &slo.LatencySLI{Threshold: 100 * time.Millisecond}}}
	j := newJudge(t, newStore(), []slo.Definition{definition(), latency}, func(o *Options) {
		o.Sink, o.Compare, o.Customer = to, []string{"cloud.region", "service.name", "nothing"}, "enduser.id"
		o.Hash = func(s string) uint64 { return uint64(len(s)) }
	})
	slow := now(1, 1, func(s *one) { s.took, s.customer = 200*time.Millisecond, "anna" })
	count(t, j, slow...)
	count(t, j, slow...)
	if len(to.all) != 2 {
		t.Fatalf("%d spans are shown, want one for each SLO", len(to.all))
	}
	for i, want := range []struct {
		id  string
		bad bool
	}{{"checkout/availability", false}, {"checkout/latency", true}} {
		got := to.all[i]
		if got.SLO != want.id || got.Bad != want.bad || got.Customer != 4 || got.Duration != 200*time.Millisecond || got.Name != "POST /pay" ||
			!slices.Equal(got.Values, []string{"eu", "checkout", ""}) {
			t.Errorf("shown is %+v, want %+v of customer 4", got, want)
		}
	}
	if got := to.all[0].Group.String(); got != `{cloud_region="eu"}` {
		t.Errorf("the group is %s", got)
	}
}

func TestAnSLOMayNameItsCustomersByAnAttributeOfItsOwn(t *testing.T) {
	to := &sink{}
	own := slo.Definition{ID: "checkout/regions", Name: "regions", Service: "checkout", Impact: slo.ImpactTerms{Customer: "cloud.region"}}
	none := slo.Definition{ID: "checkout/none", Name: "none", Service: "checkout", Impact: slo.ImpactTerms{Customer: "merchant.id"}}
	j := newJudge(t, newStore(), []slo.Definition{definition(), own, none}, func(o *Options) {
		o.Sink, o.Customer = to, "enduser.id"
		o.Hash = func(s string) uint64 { return uint64(len(s)) }
	})
	count(t, j, now(1, 1, func(s *one) { s.customer = "anna" })...)
	got := map[string]uint64{}
	for _, s := range to.all {
		got[s.SLO] = s.Customer
	}
	if want := map[string]uint64{"checkout/availability": 4, "checkout/regions": 2, "checkout/none": 0}; !maps.Equal(got, want) {
		t.Errorf("the customers are %v, want %v", got, want)
	}
}

func TestIdsAreRememberedForTwoGenerations(t *testing.T) {
	s := seen{most: 1000, lasts: 1000}
	s.turn(0)
	for id := uint64(1); id <= 1000; id++ {
		if !s.add(id) || s.add(id) {
			t.Fatalf("id %d is not remembered once", id)
		}
	}
	for id := uint64(3); id <= 1000; id += 3 {
		s.remove(id)
	}
	for id := uint64(1); id <= 1000; id++ {
		if known := s.newer.has(id); known != (id%3 != 0) {
			t.Fatalf("id %d is known: %v", id, known)
		}
	}
	s.turn(1000)
	if s.add(1) || !s.add(3) {
		t.Error("the older generation is not looked at")
	}
	s.turn(2000)
	s.turn(3000)
	if !s.add(1) || s.held() != 1 {
		t.Errorf("%d ids are held after two generations, want 1", s.held())
	}
}
