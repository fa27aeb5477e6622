package metricstest

import (
	"errors"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/value"

	"burnline/slo"
)

func testRoundTrip(f *fixture) {
	a, b := f.series("code", "200"), f.series("code", "500")
	points := append(f.points(a, 0, 1, 15, 2, 30, 2.5), f.points(b, 0, 0, 15, 1e15, 30, -7)...)
	f.mustWrite(points...)
	f.want(points...)
}

func testRaw(f *fixture) {
	points := f.points(f.series(), 0, 1, 1.001, 2, 400, 3, 400.5, 10, 1500, 11)
	f.mustWrite(points...)
	f.want(points...)
}

func testEdges(f *fixture) {
	p := f.points(f.series(), 10, 1, 20, 2, 30, 3, 40, 4)
	f.mustWrite(p...)
	f.wantIn(f.at(20), f.at(30), p[1:3]...)
	f.wantIn(f.at(20.001), f.at(29.999))
	f.wantIn(f.at(20), f.at(20), p[1])
}

func testAbsent(f *fixture) {
	early, late := f.points(f.series("when", "early"), 0, 1), f.points(f.series("when", "late"), 600, 1)
	f.mustWrite(append(early, late...)...)
	f.wantIn(f.at(300), f.at(900), late...)
	f.wantIn(f.at(100), f.at(200))
}

func testResets(f *fixture) {
	p := f.points(f.series(), 0, 100, 15, 3, 30, 50, 45, 0, 60, 0)
	f.mustWrite(p...)
	f.want(p...)
}

func testInfinities(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, math.Inf(1), 30, math.Inf(-1), 45, 2)
	f.mustWrite(p...)
	f.want(p...)
}

func testNaN(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, math.NaN(), 30, 2)
	f.mustWrite(p...)
	f.want(p...)
}

func testStaleness(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, math.Float64frombits(value.StaleNaN), 30, 2)
	f.mustWrite(p...)
	f.want(p[0], p[2])
	ended := f.points(f.series("ended", "yes"), 0, math.Float64frombits(value.StaleNaN))
	f.mustWrite(ended...)
	f.want(p[0], p[2])
}

func testUTF8(f *fixture) {
	p := f.points(f.series("city", "Zürich 東京 \U0001F525", "quote", `a"b\c`+"\n"), 0, 1)
	f.mustWrite(p...)
	f.want(p...)
}

func testMatchers(f *fixture) {
	f.mustWrite(append(append(
		f.points(f.series("code", "200", "path", "/a"), 0, 1),
		f.points(f.series("code", "500", "path", "/a"), 0, 1)...),
		f.points(f.series("path", "/b"), 0, 1)...)...)
	for _, c := range []struct {
		name    string
		matcher slo.Matcher
		want    int
	}{
		{"equal", slo.Matcher{Label: "code", Op: slo.MatchEqual, Value: "200"}, 1},
		{"not equal takes series without the label", slo.Matcher{Label: "code", Op: slo.MatchNotEqual, Value: "200"}, 2},
		{"regular expression", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "2..|5.."}, 2},
		{"a regular expression matches the whole value", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "2"}, 0},
		{"negated regular expression", slo.Matcher{Label: "code", Op: slo.MatchNotRegexp, Value: "5.."}, 2},
		{"equal to nothing means without the label", slo.Matcher{Label: "code", Op: slo.MatchEqual, Value: ""}, 1},
		{"not nothing means with the label", slo.Matcher{Label: "code", Op: slo.MatchNotEqual, Value: ""}, 2},
		{"an expression that matches nothing takes series without the label", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "200|"}, 2},
		{"a label that nobody has", slo.Matcher{Label: "zone", Op: slo.MatchEqual, Value: "x"}, 0},
	} {
		if got := len(f.sel(f.all(c.matcher), f.start, f.at(10))); got != c.want {
			f.Errorf("%s: %d series, want %d", c.name, got, c.want)
		}
	}
}

func testNoName(f *fixture) {
	p := f.points(f.series("only_here", f.metric), 0, 1)
	f.mustWrite(p...)
	got := f.sel(slo.Selector{Matchers: []slo.Matcher{{Label: "only_here", Op: slo.MatchEqual, Value: f.metric}}}, f.start, f.at(10))
	if len(got) != 1 {
		f.Errorf("%d series, want 1", len(got))
	}
}

func testBadRegexp(f *fixture) {
	sel := f.all(slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "("})
	if err := f.store.Select(f.Context(), sel, f.start, f.at(10), func(slo.SeriesSamples) error { return nil }); err == nil {
		f.Error("no error")
	}
}

func testYieldedIsKept(f *fixture) {
	var points []point
	for i := range 20 {
		points = append(points, f.points(f.series("i", fmt.Sprint(i)), 0, float64(i), 15, float64(i)+0.5)...)
	}
	f.mustWrite(points...)
	f.want(points...) // want compares after the last yield
}

func testYieldError(f *fixture) {
	f.mustWrite(append(f.points(f.series("i", "1"), 0, 1), f.points(f.series("i", "2"), 0, 1)...)...)
	stop, calls := errors.New("stop"), 0
	err := f.store.Select(f.Context(), f.all(), f.start, f.at(10), func(slo.SeriesSamples) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		f.Errorf("error %v after %d calls, want the callee's error after 1", err, calls)
	}
}

func testCancelled(f *fixture) {
	f.mustWrite(f.points(f.series(), 0, 1)...)
	err := f.store.Select(f.cancelled(), f.all(), f.start, f.at(10), func(slo.SeriesSamples) error { return nil })
	if err == nil {
		f.Error("no error")
	}
}

func testBefore(f *fixture) {
	series := f.series("code", "200")
	f.mustWrite(f.points(series, 0, 1, 15, 2, 900, 3, 915, 4)...)
	for _, c := range []struct {
		name  string
		t     int64
		want  string
		found bool
	}{
		{"between samples", f.at(20), f.show(f.at(15), 2), true},
		{"a sample at t itself is not older", f.at(15), f.show(f.at(0), 1), true},
		{"a millisecond after a sample", f.at(15.001), f.show(f.at(15), 2), true},
		{"after a long gap", f.at(900), f.show(f.at(15), 2), true},
		{"after all", f.at(1700), f.show(f.at(915), 4), true},
		{"before the first", f.at(0), "", false},
	} {
		s, found, err := f.store.Before(f.Context(), series, c.t)
		if err != nil || found != c.found || found && f.show(s.T, s.V) != c.want {
			f.Errorf("%s: got %s %v %v, want %s %v", c.name, f.show(s.T, s.V), found, err, c.want, c.found)
		}
	}
}

func testBeforeExact(f *fixture) {
	f.mustWrite(f.points(f.series("code", "200", "path", "/a"), 0, 1)...)
	for _, other := range []slo.Labels{f.series("code", "200"), f.series("code", "200", "path", "/b"), f.series()} {
		if s, found, err := f.store.Before(f.Context(), other, f.at(60)); found || err != nil {
			f.Errorf("%s: got %v %v %v, want nothing", other, s, found, err)
		}
	}
}
