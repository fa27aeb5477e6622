package slo_test

import (
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

func TestTermsOfEvents(t *testing.T) {
	all := slo.Selector{Name: "requests_total"}
	health := slo.Selector{Name: "requests_total", Matchers: []slo.Matcher{{Label: "path", Op: slo.MatchEqual, Value: "/healthz"}}}
	failed := slo.Selector{Name: "errors_total"}
	d := slo.Definition{SLI: slo.SLI{Events: &slo.EventsSLI{
		Total: slo.Sum{{Selector: all}, {Selector: health, Minus: true}},
		Bad:   slo.Sum{{Selector: failed}},
	}}}
	want := []string{"total +requests_total", `total -requests_total{path="/healthz"}`, "bad +errors_total"}
	var got []string
	for _, term := range d.Terms() {
		sign := " +"
		if term.Minus {
			sign = " -"
		}
		got = append(got, term.Role.String()+sign+term.Selector.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("terms = %q, want %q", got, want)
	}
}

func TestTermsOfLatencyUseTheHistogramsUnit(t *testing.T) {
	for _, test := range []struct {
		histogram string
		threshold time.Duration
		want      float64
	}{
		{"http_request_duration_seconds", 300 * time.Millisecond, 0.3},
		{"http_request_duration_seconds", 2500 * time.Millisecond, 2.5},
		{"http_server_duration_milliseconds", 300 * time.Millisecond, 300},
		{"duration_ms", 2 * time.Second, 2000},
		{"http_server_duration", 250 * time.Millisecond, 250},
		{"http.server.duration", 250 * time.Millisecond, 250},
		{"rpc_client_duration", 250 * time.Millisecond, 250},
		{"http_server_duration_seconds", 250 * time.Millisecond, 0.25},
		{"http.server.request.duration", 250 * time.Millisecond, 0.25},
		{"rpc.server.call.duration", 250 * time.Millisecond, 0.25},
		{"duration", 100 * time.Microsecond, 0.0001},
	} {
		d := slo.Definition{SLI: slo.SLI{Latency: &slo.LatencySLI{
			Histogram: slo.Selector{Name: test.histogram}, Threshold: test.threshold,
		}}}
		terms := d.Terms()
		if len(terms) != 3 {
			t.Fatalf("%s: %d terms, want 3", test.histogram, len(terms))
		}
		total, good, native := terms[0], terms[1], terms[2]
		if total.Role != slo.RoleTotal || total.Selector.Name != test.histogram+"_count" {
			t.Errorf("%s: total = %+v", test.histogram, total)
		}
		if good.Role != slo.RoleGood || good.Selector.Name != test.histogram+"_bucket" || good.LE != test.want {
			t.Errorf("%s: good = %+v, want le %g", test.histogram, good, test.want)
		}
		if native.Role != slo.RoleNative || native.Selector.Name != test.histogram || native.Threshold != test.want {
			t.Errorf("%s: native = %+v, want threshold %g", test.histogram, native, test.want)
		}
	}
}

func TestMatch(t *testing.T) {
	series := slo.NewLabels(slo.MetricName, "requests_total", "service", "checkout", "code", "503")
	for _, test := range []struct {
		sentence string
		matcher  slo.Matcher
		want     bool
	}{
		{"equal values match", slo.Matcher{Label: "code", Op: slo.MatchEqual, Value: "503"}, true},
		{"other values do not", slo.Matcher{Label: "code", Op: slo.MatchEqual, Value: "50"}, false},
		{"a missing label equals the empty value", slo.Matcher{Label: "region", Op: slo.MatchEqual, Value: ""}, true},
		{"a missing label differs from any value", slo.Matcher{Label: "region", Op: slo.MatchNotEqual, Value: "eu"}, true},
		{"an equal value does not differ", slo.Matcher{Label: "code", Op: slo.MatchNotEqual, Value: "503"}, false},
		{"a pattern matches the whole value", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "5.."}, true},
		{"a pattern does not match a part", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "5"}, false},
		{"an alternative is anchored on both ends", slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "5|3"}, false},
		{"a negated pattern rejects a match", slo.Matcher{Label: "code", Op: slo.MatchNotRegexp, Value: "5.."}, false},
		{"a negated pattern takes a missing label", slo.Matcher{Label: "region", Op: slo.MatchNotRegexp, Value: "eu.*"}, true},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			m, err := slo.Selector{Name: "requests_total", Matchers: []slo.Matcher{test.matcher}}.Compile()
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Match(series); got != test.want {
				t.Errorf("%+v matches %s: %t, want %t", test.matcher, series, got, test.want)
			}
		})
	}
}

func TestMatchWantsTheMetricName(t *testing.T) {
	m, err := slo.Selector{Name: "requests_total"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if m.Match(slo.NewLabels(slo.MetricName, "requests", "code", "200")) {
		t.Error("requests_total matched the series requests")
	}
}

func TestMatchBucketByNumber(t *testing.T) {
	term := slo.Term{Selector: slo.Selector{Name: "d_bucket"}, Role: slo.RoleGood, LE: 0.1 * 3}
	m, err := term.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for le, want := range map[string]bool{
		"0.3": true, "0.30": true, "3e-1": true, "0.30000000000000004": true,
		"0.31": false, "+Inf": false, "": false, "NaN": false, "fast": false,
	} {
		if got := m.Match(slo.NewLabels(slo.MetricName, "d_bucket", "le", le)); got != want {
			t.Errorf("le=%q matches: %t, want %t", le, got, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, matcher := range []slo.Matcher{
		{Label: "code", Op: slo.MatchRegexp, Value: "("},
		{Label: "code", Op: "~", Value: "5.."},
	} {
		if _, err := (slo.Selector{Name: "m", Matchers: []slo.Matcher{matcher}}).Compile(); err == nil {
			t.Errorf("%+v compiled", matcher)
		}
	}
}

func TestSelectorString(t *testing.T) {
	s := slo.Selector{Name: "m", Matchers: []slo.Matcher{
		{Label: "a", Op: slo.MatchEqual, Value: `x"y`}, {Label: "b", Op: slo.MatchNotRegexp, Value: "c.*"},
	}}
	if got, want := s.String(), `m{a="x\"y",b!~"c.*"}`; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if got := (slo.Selector{Name: "m"}).String(); got != "m" {
		t.Errorf("String() = %s, want m", got)
	}
}
