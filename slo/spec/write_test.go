package spec_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/internal/dialecttest"
)

// stripped takes off what writing doesn't keep: where a definition was read, and in which form.
func stripped(defs []slo.Definition) []slo.Definition {
	var all []slo.Definition
	for _, d := range defs {
		d.Source, d.Dialect = slo.Source{}, ""
		if len(d.Labels) == 0 {
			d.Labels = nil
		}
		if len(d.GroupBy) == 0 {
			d.GroupBy = nil
		}
		all = append(all, d)
	}
	return all
}

// again writes and reads definitions.
func again(t *testing.T, defs []slo.Definition) (string, []slo.Definition, slo.Findings) {
	t.Helper()
	return dialecttest.Again(t, spec.Write, func(name string, data []byte) ([]slo.Definition, slo.Findings) {
		set, findings := spec.Parse(name, data)
		return set.Definitions, findings
	}, defs)
}

func TestWhatIsReadIsWrittenAndReadTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/in-*.yaml")
	more, err2 := filepath.Glob("../../examples/*/*.yaml")
	if err != nil || err2 != nil || len(files) < 10 {
		t.Fatalf("%d files: %v, %v", len(files), err, err2)
	}
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set, _ := spec.Parse(file, data)
		text, got, lost := again(t, set.Definitions)
		if !reflect.DeepEqual(stripped(got), stripped(set.Definitions)) || len(lost) > 0 {
			t.Errorf("%s comes back differently (%v):\n%s\n%+v\n%+v", file, lost, text, stripped(got), stripped(set.Definitions))
		}
		if second, _, _ := again(t, got); second != text {
			t.Errorf("%s is written in two ways:\n%s\n%s", file, text, second)
		}
	}
}

func TestRandomDefinitionsComeBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		var defs []slo.Definition
		for i := range 1 + random.IntN(3) {
			defs = append(defs, anyDefinition(random, i))
		}
		text, got, lost := again(t, defs)
		if !reflect.DeepEqual(stripped(got), stripped(defs)) || len(lost) > 0 {
			t.Fatalf("seed %d: %v\n%s\n%+v\n%+v", seed, lost, text, stripped(got), stripped(defs))
		}
	}
}

func one[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// anyDefinition returns a definition that the native form can say.
func anyDefinition(r *rand.Rand, i int) slo.Definition {
	d := slo.Definition{
		Name: fmt.Sprintf("n%d.x-y_z", i), Service: one(r, "checkout", "S-1"), Team: one(r, "", "payments", "true", "12"), Journey: one(r, "", "buy: things"),
		Description: one(r, "", "Pays.", "two\nlines: with # and 'quotes'", "- dash", "${env:HOME} $x"),
		Objective:   one(r, 99.9, 99, 99.99, 12.345678901234567, 15+84*r.Float64()),
		NoData:      one(r, slo.NoDataAuto, slo.NoDataIgnore, slo.NoDataPage), ResolveAfter: one(r, 5*time.Minute, 90*time.Second),
		MinBad: one(r, 2, 1, 7.25), Labels: one(r, nil, map[string]string{"tier": "1", "on": "yes"}),
		AlertLabels: one(r, nil, map[string]string{"channel": "a, b"}), Annotations: one(r, nil, map[string]string{"runbook": "https://x.example/y#z", "a/b": "null"}),
		Window: anyWindow(r), Dialect: slo.Native,
	}
	d.SLI, d.Budgeting = anySLI(r)
	if d.SLI.Events != nil {
		d.GroupBy = one(r, nil, []string{"region"}, []string{"zone", "region"})
	}
	d.ID = d.Service + "/" + d.Name
	if r.IntN(4) == 0 {
		d.ID += "/99"
		d.Objective = 99
	}
	written := one(r, nil, []slo.Policy{
		{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Share: one(r, 0.02, 0.1, 0.123)},
		{Severity: slo.Ticket, Long: 6 * time.Hour, Short: 30 * time.Minute, Factor: 1 + 20*r.Float64()},
	})
	for i, p := range written { // a factor that keeps the promise is no policy
		if p.Share > 0 && p.Share*float64(d.Window.Nominal())/float64(p.Long) < 1 {
			written[i].Share = 1
		}
	}
	if d.Policies, _ = slo.Resolve(written, d.Window.Nominal(), d.Budget()); r.IntN(8) == 0 {
		d.Policies = nil
	}
	return d
}

func anyWindow(r *rand.Rand) slo.Window {
	if r.IntN(2) == 0 {
		return slo.Window{Rolling: one(r, 12*time.Hour, 7*24*time.Hour, 30*24*time.Hour, 36*time.Hour)}
	}
	c, err := slo.NewCalendar(one(r, slo.Week, slo.Month, slo.Quarter, slo.Year), 1+r.IntN(2), one(r, "", "Europe/Berlin", "Asia/Kolkata"),
		one(r, time.Time{}, time.Date(2024, 2, 29, 6, 45, 0, 0, time.UTC)))
	if err != nil {
		panic(err)
	}
	return slo.Window{Calendar: c}
}

func anySum(r *rand.Rand) slo.Sum {
	sum := slo.Sum{{Selector: anySelector(r)}}
	for range r.IntN(3) {
		sum = append(sum, slo.Signed{Selector: anySelector(r), Minus: r.IntN(2) == 0})
	}
	return sum
}

func anySelector(r *rand.Rand) slo.Selector {
	s := slo.Selector{Name: one(r, "a_total", "b:c", "http.requests", "über") + fmt.Sprint(r.IntN(1000))}
	for range r.IntN(3) {
		s.Matchers = append(s.Matchers, slo.Matcher{
			Label: one(r, "code", "service.name"), Op: one(r, slo.MatchEqual, slo.MatchNotEqual, slo.MatchRegexp, slo.MatchNotRegexp),
			Value: one(r, "5..", `a"b\\c`, "ö\n", ""),
		})
	}
	return s
}

func anySLI(r *rand.Rand) (slo.SLI, slo.Budgeting) {
	budgeting := one(r, slo.Budgeting{}, slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: one(r, 0.999, 0.95, 1, 0.07, r.Float64())},
		slo.Budgeting{Method: slo.RatioTimeslices, Slice: 90 * time.Second})
	selector := anySelector(r)
	switch r.IntN(7) {
	case 0:
		return slo.SLI{Events: &slo.EventsSLI{Bad: anySum(r), Total: anySum(r)}}, budgeting
	case 1:
		return slo.SLI{Events: &slo.EventsSLI{Good: anySum(r), Total: anySum(r)}}, budgeting
	case 2:
		return slo.SLI{Latency: &slo.LatencySLI{Histogram: selector, Threshold: one(r, 300*time.Millisecond, time.Minute)}}, budgeting
	case 3:
		s := &slo.SamplesSLI{Selector: &selector, Op: one(r, slo.GT, slo.NEQ), Value: one(r, 0, -1.5, 1e9, 0.1), Every: one(r, time.Minute, 10*time.Second)}
		return slo.SLI{Samples: s}, one(r, budgeting, slo.Budgeting{Method: slo.Timeslices, Slice: s.Every, Target: 1})
	case 5:
		return slo.SLI{Spans: &slo.SpansSLI{Service: one(r, "checkout", "other"), Where: one(r, "", "kind == SPAN_KIND_SERVER"),
			Bad: one(r, "duration > 300ms", `name == "a: 'b'" and status.code == STATUS_CODE_ERROR`)}}, budgeting
	case 4:
		return slo.SLI{Ratio: &slo.RatioSLI{Query: "max(a) / sum(rate(b[$window]))", Slice: one(r, time.Minute, 5*time.Minute)}}, slo.Budgeting{}
	default:
		return slo.SLI{Samples: &slo.SamplesSLI{Query: "max by (x) (b) # a word", Op: slo.LTE, Value: 3, Every: time.Minute}}, budgeting
	}
}

func TestWriteNamesWhatItCannotSay(t *testing.T) {
	base := anyDefinition(rand.New(rand.NewPCG(1, 2)), 0)
	base.ID, base.Window, base.Policies, base.GroupBy = base.Service+"/"+base.Name, slo.Window{Rolling: 30 * 24 * time.Hour}, slo.DefaultPolicies(30*24*time.Hour), nil
	base.Source = slo.Source{File: "in.yaml", Line: 7}
	for _, c := range []struct {
		name   string
		change func(*slo.Definition)
		want   string
	}{
		{"an objective with a name", func(d *slo.Definition) { d.ID += "/gold" }, "its ID becomes"},
		{"a factor below 1", func(d *slo.Definition) {
			d.Policies = []slo.Policy{{Severity: slo.Ticket, Long: time.Hour, Short: time.Minute, Factor: 0.5, Share: 0.5 / 720}}
		}, "a burn rate below 1 keeps the promise"},
		{"a label that is filled in", func(d *slo.Definition) { d.Labels = map[string]string{"team": "x"} }, "metadata.labels.team"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := base
			c.change(&d)
			var text bytes.Buffer
			lost, err := spec.Write(&text, []slo.Definition{d})
			if err != nil || len(lost) == 0 || !strings.Contains(lost.Error(), c.want) || lost[0].Source != d.Source {
				t.Errorf("lost %v, error %v; want %q\n%s", lost, err, c.want, &text)
			}
		})
	}
}
