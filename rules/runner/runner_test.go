package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/slo"
)

// place is a runner on a real TSDB, with a router that keeps what it is told, within a
// bubble of virtual time.
type place struct {
	t      *testing.T
	dir    string
	db     *tsdb.DB
	engine *promql.Engine
	value  float64 // of the gauge heat
	up     bool    // samples arrive
	runner *Runner
	stop   func()

	mu      sync.Mutex
	failing bool
	open    map[string]bool
	log     []string
	began   time.Time
}

// play runs a story in virtual time: a sample of heat every 15 s.
func play(t *testing.T, story func(p *place)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := tsdb.Open(filepath.Join(dir, "tsdb"), promslog.NewNopLogger(), nil, tsdb.DefaultOptions(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &place{t: t, dir: dir, db: db, up: true, open: map[string]bool{}, began: time.Now()}
		p.engine = promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
		defer func() {
			if p.stop != nil {
				p.stop()
			}
			if err := errors.Join(p.engine.Close(), db.Close()); err != nil {
				t.Error(err)
			}
		}()
		story(p)
	})
}

// AppenderV2 implements Store.
func (p *place) AppenderV2(ctx context.Context) storage.AppenderV2 { return p.db.AppenderV2(ctx) }

// Query implements Store.
func (p *place) Query(ctx context.Context, expr string, _, to time.Time, _ time.Duration) (parser.Value, error) {
	q, err := p.engine.NewInstantQuery(ctx, p.db, nil, expr, to)
	if err != nil {
		return nil, err
	}
	res := q.Exec(ctx)
	return res.Value, res.Err
}

// Select implements Store.
func (p *place) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	q, err := p.db.Querier(from, to)
	if err != nil {
		return err
	}
	matchers := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, sel.Name)}
	set := q.Select(ctx, true, nil, matchers...)
	for set.Next() {
		run := slo.SeriesSamples{Series: slo.NewSeries(fromLabels(set.At().Labels()))}
		it := set.At().Iterator(nil)
		for it.Next() != 0 {
			at, v := it.At()
			run.Samples = append(run.Samples, slo.Sample{T: at, V: v})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return errors.Join(set.Err(), q.Close())
}

// Alerts implements Router as alerting's does: by state, idempotent.
func (p *place) Alerts(_ context.Context, alerts []slo.Alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failing && len(alerts) > 0 {
		return errors.New("the database is away")
	}
	for _, a := range alerts {
		name := a.Labels.String()
		switch {
		case a.EndsAt.IsZero() && !p.open[name]:
			p.open[name] = true
			p.say("opened " + a.Labels.Get("alertname") + " " + a.Annotations["summary"])
		case !a.EndsAt.IsZero() && p.open[name]:
			delete(p.open, name)
			p.say("ended " + a.Labels.Get("alertname"))
		}
	}
	return nil
}

// EndAbsent implements Router.
func (p *place) EndAbsent(_ context.Context, origin string, present func(slo.Labels) bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.open {
		expr, err := parser.NewParser(parser.Options{}).ParseMetric(name)
		if err != nil || origin != Origin {
			p.t.Errorf("%s of %s: %v", name, origin, err)
		}
		if !present(fromLabels(expr)) {
			delete(p.open, name)
			p.say("absent " + expr.Get("alertname"))
		}
	}
	return nil
}

// say notes what happened and when. The caller holds mu.
func (p *place) say(what string) {
	p.log = append(p.log, time.Since(p.began).Truncate(time.Minute).String()+" "+what)
}

func (p *place) fails(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = is
}

// files writes rule files and returns them as a set.
func (p *place) files(texts ...string) Set {
	p.t.Helper()
	var files []string
	for i, text := range texts {
		file := filepath.Join(p.dir, string(rune('a'+i))+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
		files = append(files, file)
	}
	set, findings, err := Read(files)
	if err != nil || len(findings) > 0 {
		p.t.Fatalf("read rules: %v %v", err, findings)
	}
	return set
}

// start starts a runner, as a process does.
func (p *place) start(set Set) {
	p.t.Helper()
	var err error
	p.runner, err = New(Options{Store: p, Router: p, Registerer: prometheus.NewRegistry()})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.runner.Update(set); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.runner.Run(ctx) }()
	p.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			p.t.Errorf("the runner ended with %v", err)
		}
		p.stop = nil
	}
}

// pass lets time go by with a sample every 15 s.
func (p *place) pass(d time.Duration) {
	p.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		timer := time.NewTimer(15 * time.Second)
		<-timer.C
		synctest.Wait()
		if !p.up {
			continue
		}
		app := p.db.AppenderV2(context.Background())
		ls := labels.FromStrings(model.MetricNameLabel, "heat", "room", "a")
		if _, err := app.Append(0, ls, 0, time.Now().UnixMilli(), p.value, nil, nil, storage.AOptions{}); err != nil {
			p.t.Fatal(err)
		}
		if err := app.Commit(); err != nil {
			p.t.Fatal(err)
		}
	}
}

// happened fails the test unless exactly this happened, each within two minutes: when a
// group is evaluated hangs on the path of its file.
func (p *place) happened(want ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	ok := len(p.log) == len(want)
	for i := 0; ok && i < len(want); i++ {
		at, what, _ := strings.Cut(want[i], " ")
		gotAt, got, _ := strings.Cut(p.log[i], " ")
		expected, _ := time.ParseDuration(at)
		is, _ := time.ParseDuration(gotAt)
		ok = what == got && (is-expected).Abs() <= 2*time.Minute
	}
	if !ok {
		p.t.Errorf("happened:\n  %s\nwant:\n  %s", strings.Join(p.log, "\n  "), strings.Join(want, "\n  "))
	}
}

const hot = `groups:
- name: rooms
  interval: 1m
  rules:
  - {record: "room:heat:max", expr: max by (room) (heat)}
  - alert: Hot
    expr: room:heat:max > 30
    for: 15m
    labels: {severity: page}
    annotations: {summary: "Room {{ $labels.room }} is at {{ $value }}."}
`

const cold = `groups:
- name: cold
  interval: 1m
  rules:
  - {alert: Cold, expr: heat < 5}
`

func TestAnAlertFiresAfterItsTimeAndEnds(t *testing.T) {
	play(t, func(p *place) {
		p.value = 20
		p.start(p.files(hot, cold))
		p.pass(5 * time.Minute)
		p.value = 40
		p.pass(25 * time.Minute)
		p.value = 20
		p.pass(10 * time.Minute)
		p.happened("20m opened Hot Room a is at 40.", "30m ended Hot")
	})
}

func TestTheTimeThatAnAlertWaitedSurvivesARestart(t *testing.T) {
	play(t, func(p *place) {
		p.value = 40
		set := p.files(hot)
		p.start(set)
		p.pass(13 * time.Minute)
		p.stop()
		p.start(set)
		p.pass(14 * time.Minute) // the grace period of 10m, after two evaluations
		p.happened("24m opened Hot Room a is at 40.")
	})
}

func TestARestartNeitherLosesNorDoublesAPage(t *testing.T) {
	play(t, func(p *place) {
		p.value = 40
		set := p.files(hot, cold)
		p.start(set)
		p.pass(20 * time.Minute)
		p.happened("16m opened Hot Room a is at 40.")
		p.stop()
		p.pass(2 * time.Minute)
		p.start(set)
		p.pass(30 * time.Minute)
		p.happened("16m opened Hot Room a is at 40.")
		p.stop()
		p.value = 20 // it ends while nobody looks
		p.pass(2 * time.Minute)
		p.start(set)
		p.pass(4 * time.Minute)
		p.happened("16m opened Hot Room a is at 40.")
		p.pass(10 * time.Minute)
		p.happened("16m opened Hot Room a is at 40.", "59m absent Hot")
	})
}

func TestAReloadKeepsWhatFiresAndEndsWhatHasNoRule(t *testing.T) {
	play(t, func(p *place) {
		p.value = 40
		p.start(p.files(hot))
		p.pass(20 * time.Minute)
		moved := strings.Replace(hot, "name: rooms", "name: chambers", 1)
		for _, text := range []string{hot + "\n# changed", strings.Replace(hot, "> 30", "> 31", 1), moved} {
			if err := p.runner.Update(p.files(text, cold)); err != nil {
				t.Fatal(err)
			}
			p.pass(3 * time.Minute)
		}
		p.happened("16m opened Hot Room a is at 40.")
		if err := p.runner.Update(p.files(cold)); err != nil {
			t.Fatal(err)
		}
		p.pass(8 * time.Minute)
		p.happened("16m opened Hot Room a is at 40.", "30m ended Hot")
	})
}

func TestARouterThatFailsLosesNoPage(t *testing.T) {
	play(t, func(p *place) {
		p.value = 2
		p.start(p.files(cold))
		p.fails(true)
		p.pass(10 * time.Minute)
		p.value = 20 // it is over before anybody could be told
		p.pass(5 * time.Minute)
		p.happened()
		p.fails(false)
		p.pass(2 * time.Minute)
		p.happened("15m opened Cold ", "15m ended Cold")
	})
}

func TestARuleThatFailsEndsNothing(t *testing.T) {
	play(t, func(p *place) {
		p.value = 40
		set := p.files(hot, cold)
		p.start(set)
		p.pass(20 * time.Minute)
		p.stop()
		bad := strings.Replace(hot, "room:heat:max > 30", `'{__name__=~"heat|room:heat:max"} + on (nothing) {__name__=~"heat|room:heat:max"} > 30'`, 1)
		p.start(p.files(bad, cold))
		p.pass(20 * time.Minute)
		if p.runner.Groups()[0].Rules()[1].LastError() == nil {
			t.Fatal("the rule was meant to fail")
		}
		p.happened("16m opened Hot Room a is at 40.")
	})
}

// Prometheus gives up all alerts of a rule that raises more than its group's limit: that is
// an error of the rule, and no recovery.
func TestARuleBeyondItsLimitEndsNothing(t *testing.T) {
	play(t, func(p *place) {
		p.value = 40
		limited := "groups:\n- name: g\n  interval: 1m\n  limit: 1\n  rules:\n  - {alert: Many, expr: 'heat > 30 or label_replace(heat > 50, \"room\", \"b\", \"\", \"\")'}\n"
		p.start(p.files(limited))
		p.pass(5 * time.Minute)
		p.happened("1m opened Many ")
		p.value = 60
		p.pass(20 * time.Minute)
		if p.runner.Groups()[0].Rules()[0].LastError() == nil {
			t.Fatal("the rule was meant to fail")
		}
		p.happened("1m opened Many ")
		p.value = 20
		p.pass(5 * time.Minute)
		p.happened("1m opened Many ", "26m ended Many")
	})
}

// A rule that never works must not keep the alerts of others open for good.
func TestARuleThatFailsKeepsNoOtherAlertOpen(t *testing.T) {
	play(t, func(p *place) {
		p.value = 2
		bad := `groups: [{name: bad, rules: [{alert: Bad, expr: 'heat + on (x) (heat or label_replace(heat, "room", "b", "", ""))'}]}]`
		p.start(p.files(bad, cold))
		p.pass(10 * time.Minute)
		p.happened("1m opened Cold ")
		p.stop()
		p.value = 20 // it ends while nobody looks
		p.pass(2 * time.Minute)
		p.start(p.files(bad, cold))
		p.pass(15 * time.Minute)
		if p.runner.Groups()[0].Rules()[0].LastError() == nil {
			t.Fatal("the rule was meant to fail")
		}
		p.happened("1m opened Cold ", "17m absent Cold")
	})
}

func TestReadSaysWhatIsWrongWithRuleFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a bad expression":             {"groups:\n- name: a\n  rules:\n  - alert: A\n    expr: sum(\n", ":5: "},
		"an unknown key":               {"groups:\n- name: a\n  rulez: []\n", ":3: field rulez not found"},
		"no YAML":                      {"groups: [\n", "did not find"},
		"a group twice":                {"groups:\n- name: a\n- name: a\n", `groupname: "a" is repeated`},
		"a template that has no end":   {"groups:\n- name: a\n  rules:\n  - alert: A\n    expr: a\n    annotations: {summary: '{{ $value'}\n", "unclosed action"},
		"a series that Burnline keeps": {"groups:\n- name: a\n  rules:\n  - record: slo_burn_rate\n    expr: a\n", "which Burnline records itself"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "rules.yaml")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, findings, err := Read([]string{file})
			if err != nil || len(findings) == 0 {
				t.Fatalf("%v, %v", err, findings)
			}
			if !slices.ContainsFunc(findings, func(f slo.Finding) bool { return strings.Contains(f.String(), c.want) }) {
				t.Errorf("findings %v, want %q", findings, c.want)
			}
		})
	}
	if _, _, err := Read([]string{"nowhere.yaml"}); err == nil {
		t.Error("a missing file was read")
	}
}

// FuzzRead feeds rule files that nobody wrote by hand.
func FuzzRead(f *testing.F) {
	f.Add([]byte(hot))
	f.Add([]byte("groups:\n- name: a\n  interval: -1m\n  rules: [{alert: A, expr: 'a', for: 1y}]\n"))
	f.Add([]byte("groups: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, found := range func() slo.Findings { _, findings := parse("rules.yaml", data); return findings }() {
			if found.Message == "" {
				t.Errorf("an empty finding for %q", data)
			}
		}
	})
}
