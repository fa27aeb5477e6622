package remote

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"burnline/internal/harness/backends"
	"burnline/slo"
)

// wants is a sink that counts what one label value selects.
type wants struct {
	selectors  []slo.Selector
	value      string
	generation uint64
	asked      int
	got        []slo.SeriesSample
}

func (w *wants) Generation() uint64 { return w.generation }
func (w *wants) Wants(ls slo.Labels) bool {
	w.asked++
	return ls.Get("service") == w.value
}
func (w *wants) Selectors() []slo.Selector                          { return w.selectors }
func (w *wants) Announce(context.Context, []slo.SeriesSample) error { return nil }

func (w *wants) Deliver(batch []slo.SeriesSample) { w.got = append(w.got, batch...) }

// times returns the times that were delivered, each once.
func (w *wants) times() []int64 {
	var ts []int64
	for _, s := range w.got {
		ts = append(ts, s.T)
	}
	slices.Sort(ts)
	return slices.Compact(ts)
}

// gate passes requests on to a backend until it is shut.
func gate(t *testing.T, b *backends.Backend, refuse func(*http.Request) int) *backends.Backend {
	t.Helper()
	target, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := refuse(r); status != 0 {
			http.Error(w, "refused", status)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return &backends.Backend{URL: server.URL, WriteURL: server.URL + "/api/v1/write", QueryURL: server.URL}
}

// put writes one sample of hits_total.
func put(t *testing.T, s *Store, service string, at time.Time, v float64) {
	t.Helper()
	err := s.Record(t.Context(), []slo.Recorded{{Labels: slo.NewLabels(slo.MetricName, "hits_total", "service", service), T: at.UnixMilli(), V: v}})
	if err != nil {
		t.Fatal(err)
	}
}

// prometheusBehind runs a Prometheus that answers no queries while it is shut.
func prometheusBehind(t *testing.T, shut *atomic.Bool) *backends.Backend {
	t.Helper()
	return gate(t, backends.Run(t, backends.Prometheus), func(r *http.Request) int {
		if shut.Load() && strings.HasPrefix(r.URL.Path, "/api/v1/query") {
			return http.StatusServiceUnavailable
		}
		return 0
	})
}

func TestPollingDeliversWantedSamplesAndCoversGaps(t *testing.T) {
	var shut atomic.Bool
	b := prometheusBehind(t, &shut)
	s := openStore(t, b)
	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	now := start
	sink := &wants{value: "shop", generation: 1, selectors: []slo.Selector{{Name: "hits_total"}}}
	p, err := NewPoller(PollerOptions{Store: s, Sink: sink, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		now = start.Add(time.Duration(i) * 10 * time.Minute)
		put(t, s, "shop", now, float64(i))
		put(t, s, "other", now, float64(i))
		put(t, s, "shop", now.Add(time.Second), 1000) // ahead of now: the next poll's
		shut.Store(i == 2 || i == 3)
		if err := p.Poll(t.Context()); (err != nil) != shut.Load() {
			t.Fatalf("poll %d: %v", i, err)
		}
	}
	var want []int64
	for i := range 6 {
		at := start.Add(time.Duration(i) * 10 * time.Minute).UnixMilli()
		want = append(want, at)
		if i < 5 {
			want = append(want, at+1000)
		}
	}
	if got := sink.times(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, sample := range sink.got {
		if sample.Series != sink.got[0].Series {
			t.Fatal("one series came under two pointers")
		}
	}
	if sink.asked != 2 {
		t.Errorf("asked %d times about 2 series", sink.asked)
	}
	sink.generation++
	if err := p.Poll(t.Context()); err != nil || sink.asked != 4 {
		t.Errorf("after a new generation: asked %d times, error %v; want both series again", sink.asked, err)
	}
}

func TestLateSamplesWithinLatenessAreDelivered(t *testing.T) {
	s := openStore(t, backends.Run(t, backends.Prometheus))
	now := time.Now().Truncate(time.Second)
	sink := &wants{value: "shop", selectors: []slo.Selector{{Name: "hits_total"}}}
	p, err := NewPoller(PollerOptions{Store: s, Sink: sink, Offset: 10 * time.Second, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "shop", now.Add(-30*time.Second), 2)
	if err := p.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	late := now.Add(-2 * time.Minute)
	put(t, s, "shop", late, 1)
	put(t, s, "shop", now.Add(-9*time.Second), 3) // not before the offset has passed
	if err := p.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := sink.times(), []int64{late.UnixMilli(), now.Add(-30 * time.Second).UnixMilli()}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestABacklogThatPollsDoNotReachIsDelivered(t *testing.T) {
	var shut atomic.Bool
	b := prometheusBehind(t, &shut)
	s := openStore(t, b)
	now := time.Now().Truncate(time.Second)
	sink := &wants{value: "shop", selectors: []slo.Selector{{Name: "hits_total"}}}
	p, err := NewPoller(PollerOptions{Store: s, Sink: sink, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	poll := func(after time.Duration, want ...time.Duration) {
		t.Helper()
		now = now.Add(after)
		if err := p.Poll(t.Context()); (err != nil) != shut.Load() {
			t.Fatal(err)
		}
		var times []int64
		for _, ago := range want {
			times = append(times, now.Add(-ago).UnixMilli())
		}
		if got := sink.times(); !slices.Equal(got, times) {
			t.Fatalf("delivered %v, want %v", got, times)
		}
		sink.got = nil
	}
	poll(0)
	for i := range 3 {
		put(t, s, "shop", now.Add(-time.Hour).Add(time.Duration(i)*time.Minute), float64(i))
	}
	poll(time.Second) // not before the backend must show it
	shut.Store(true)
	poll(20 * time.Second) // a read that fails is made up for
	shut.Store(false)
	behind := time.Hour + 22*time.Second
	poll(time.Second, behind, behind-time.Minute, behind-2*time.Minute)
	poll(time.Minute) // and once is enough
}

func TestASeriesThatEndedLongAgoIsForgotten(t *testing.T) {
	s := openStore(t, backends.Run(t, backends.Prometheus))
	now := time.Now().Truncate(time.Second)
	sink := &wants{value: "shop", selectors: []slo.Selector{{Name: "hits_total"}}}
	p, err := NewPoller(PollerOptions{Store: s, Sink: sink, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "shop", now, 1)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {5 * time.Minute, 1}, {30 * time.Minute, 1}, {40 * time.Minute, 0}} {
		now = now.Add(step.after)
		if err := p.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(p.known) != step.want {
			t.Errorf("after %s %d series are known, want %d", step.after, len(p.known), step.want)
		}
	}
}

func TestLongRangesAreReadInPiecesTheBackendAllows(t *testing.T) {
	backend := backends.Run(t, backends.Prometheus)
	refused := 0
	b := gate(t, backend, func(r *http.Request) int {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		q := r.PostForm.Get("query")
		r.Body = http.NoBody
		r.URL.RawQuery, r.Method = r.PostForm.Encode(), http.MethodGet
		r.ContentLength = 0
		if i := strings.IndexByte(q, '['); i >= 0 {
			if seconds, _ := strconv.Atoi(strings.Trim(q[i:], "[s]")); seconds > 2*3600 {
				refused++
				return http.StatusUnprocessableEntity
			}
		}
		return 0
	})
	writer, reader := openStore(t, backend), openStore(t, b)
	start := time.Now().Add(-12 * time.Hour)
	var want []int64
	for i := range 13 {
		at := start.Add(time.Duration(i) * time.Hour)
		put(t, writer, "shop", at, float64(i))
		want = append(want, at.UnixMilli())
	}
	var got []int64
	err := reader.Select(t.Context(), slo.Selector{Name: "hits_total"}, start.UnixMilli(), time.Now().UnixMilli(), func(run slo.SeriesSamples) error {
		for _, s := range run.Samples {
			got = append(got, s.T)
		}
		return nil
	})
	if err != nil || !slices.Equal(got, want) || refused == 0 {
		t.Errorf("error %v after %d refusals\ngot  %v\nwant %v", err, refused, got, want)
	}
}

func TestSelectorsOfOneMetricBecomeOneRequest(t *testing.T) {
	eq := func(label, value string) slo.Matcher {
		return slo.Matcher{Label: label, Op: slo.MatchEqual, Value: value}
	}
	sel := func(name string, ms ...slo.Matcher) slo.Selector { return slo.Selector{Name: name, Matchers: ms} }
	fails := slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "5.."}
	for _, c := range []struct {
		name string
		in   []slo.Selector
		want string
	}{
		{"one stays as it is", []slo.Selector{sel("a", eq("x", "1"), fails)}, `a{x="1",code=~"5.."}`},
		{"bad is part of total", []slo.Selector{sel("a", eq("x", "1"), fails), sel("a", eq("x", "1"))}, `a{x="1"}`},
		{"values of one label are listed", []slo.Selector{sel("a", eq("x", "1")), sel("a", eq("x", "2.0"))}, `a{x=~"1|2\\.0"}`},
		{"nothing in common is everything", []slo.Selector{sel("a", eq("x", "1")), sel("a", eq("y", "1"))}, `a{}`},
		{"a label that may be missing", []slo.Selector{sel("a", eq("x", "")), sel("a", eq("x", "1"))}, `a{x=~"|1"}`},
		{"a range beside a value is neither", []slo.Selector{sel("a", fails), sel("a", eq("code", "200"))}, `a{}`},
		{"metrics stay apart", []slo.Selector{sel("b", eq("x", "1")), sel("a")}, `a{} b{x="1"}`},
	} {
		var got []string
		for _, m := range merge(c.in) {
			expr, err := promSelector(m)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, expr)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %s, want %s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

func TestSelectorsAreQuoted(t *testing.T) {
	for _, c := range []struct {
		sel  slo.Selector
		want string
	}{
		{slo.Selector{Name: "a", Matchers: []slo.Matcher{{Label: "l", Op: slo.MatchEqual, Value: "a\"b\\\n"}}}, `a{l="a\"b\\\n"}`},
		{slo.Selector{Name: "na.me"}, `{__name__="na.me"}`},
		{slo.Selector{Name: "a", Matchers: []slo.Matcher{{Label: "la.bel", Op: slo.MatchNotEqual, Value: "x"}}}, `a{"la.bel"!="x"}`},
	} {
		if got, err := promSelector(c.sel); err != nil || got != c.want {
			t.Errorf("got %s %v, want %s", got, err, c.want)
		}
	}
}
