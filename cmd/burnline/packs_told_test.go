package main

import (
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/slo/engine"
	"burnline/slo/spec"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
)

// Scripts in testdata/pages tell for each pack what wakes somebody and what doesn't; the files are named after the packs.
//
//	# A standby is down                   begins a story of its own, by its name
//	lasts 2h every 1m                     for how long samples are told, and how often
//	pg_up{instance="a:1"} 1 until 1h, 0   what a series says, until when; the last part goes on to the end
//	x_total{} +60 until 1h, +6            "+" is a counter that grows by so much a minute
//	y{} 1 until 1h, gone until 2h, 1      a scrape is lost, or a target vanishes: the series ends, as collectors tell it
//	> page reachable 1h2m 1h5m            somebody is woken by this SLO between these two moments; each page has to be named
//	> page alive{a="b"} 1h2m 1h5m open    by a group, and it is not over at the end
//	> ticket reachable 1h2m 1h5m          of tickets only some may be named
//	> reachable is missing                what is said of the SLO at the end
//
// job is the pack's name, as its scrape.yaml has it.
func TestWhatPacksWakePeopleFor(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/pages/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("find scripts: %v, %d files", err, len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pack := strings.TrimSuffix(filepath.Base(file), ".txt")
		for _, story := range strings.Split("\n"+string(data), "\n# ")[1:] {
			title, text, _ := strings.Cut(story, "\n")
			t.Run(pack+": "+title, func(t *testing.T) {
				t.Parallel()
				s := &toldStory{t: t, pack: pack, zero: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
				s.read(text)
				s.play()
			})
		}
	}
}

// toldStory is one story about what a pack is told.
type toldStory struct {
	t            *testing.T
	pack         string
	zero         time.Time
	lasts, every time.Duration
	series       []toldSeries
	expected     [][]string
}

// toldSeries is what one series says.
type toldSeries struct {
	labels labels.Labels
	parts  []toldPart
	value  float64 // of a counter
	gone   bool
}

// toldPart is what a series says up to a moment.
type toldPart struct {
	until time.Duration
	what  string
}

// read reads a story.
func (s *toldStory) read(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case line == "":
		case words[0] == "lasts" && len(words) == 4:
			s.lasts, s.every = s.duration(words[1]), s.duration(words[3])
		case words[0] == ">":
			s.expected = append(s.expected, words[1:])
		default:
			s.series = append(s.series, s.readSeries(line))
		}
	}
}

func (s *toldStory) readSeries(line string) toldSeries {
	name, says, ok := strings.Cut(line, "} ")
	if !ok {
		s.t.Fatalf("%q is no series and what it says", line)
	}
	metric, err := parser.NewParser(parser.Options{}).ParseMetric(name + "}")
	if err != nil {
		s.t.Fatal(err)
	}
	one := toldSeries{labels: labels.NewBuilder(metric).Set("job", s.pack).Labels()}
	for part := range strings.SplitSeq(says, ", ") {
		what, until, ok := strings.Cut(part, " until ")
		p := toldPart{until: math.MaxInt64, what: what}
		if ok {
			p.until = s.duration(until)
		}
		one.parts = append(one.parts, p)
	}
	return one
}

func (s *toldStory) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// says is what the series says at a moment; false where it says nothing.
func (s *toldStory) says(one *toldSeries, at time.Duration) (float64, bool) {
	i := 0
	for one.parts[i].until <= at {
		i++
	}
	what := one.parts[i].what
	if what == "gone" {
		told := one.gone || at == 0
		one.gone = true
		return math.Float64frombits(value.StaleNaN), !told
	}
	one.gone = false
	v, err := strconv.ParseFloat(what, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.HasPrefix(what, "+") {
		one.value += v * s.every.Minutes()
		v = one.value
	}
	return v, true
}

// store stores what is told and returns the folder.
func (s *toldStory) store() string {
	dir, end := s.t.TempDir(), s.zero.Add(s.lasts)
	store, err := local.Open(local.Options{
		Dir: filepath.Join(dir, "metrics"), Now: func() time.Time { return end },
		Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	app := store.AppenderV2(s.t.Context())
	for at := time.Duration(0); at <= s.lasts; at += s.every {
		for i := range s.series {
			v, ok := s.says(&s.series[i], at)
			if !ok {
				continue
			}
			if _, err := app.Append(0, s.series[i].labels, 0, s.zero.Add(at).UnixMilli(), v, nil, nil, storage.AOptions{}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	if err := app.Commit(); err != nil {
		s.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// play lives through what is told with the pack's SLOs, and compares.
func (s *toldStory) play() {
	data, err := openData(s.store(), "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := data.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	out := s.t.TempDir()
	if code := run(s.t.Context(), []string{"packs", "write", "--out", out, s.pack}, strings.NewReader(""), io.Discard, os.Stderr); code != 0 {
		s.t.Fatalf("burnline packs write: exit code %d", code)
	}
	set, findings, err := spec.Load([]string{filepath.Join(out, "slos")})
	if err != nil || len(findings) > 0 {
		s.t.Fatal(err, findings)
	}
	got, err := engine.Replay(s.t.Context(), engine.ReplayOptions{
		Definitions: set.Definitions, Reader: data, Querier: metrics.Ranges{Store: data}, From: s.zero, To: s.zero.Add(s.lasts),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.compare(&got)
}

// compare holds what would have been told against what is expected.
func (s *toldStory) compare(got *engine.Replayed) {
	met := make([]bool, len(s.expected))
	for i := range got.Incidents {
		inc := &got.Incidents[i]
		found := false
		for j, want := range s.expected {
			if !met[j] && len(want) >= 4 && s.meets(inc, want) {
				met[j], found = true, true
				break
			}
		}
		if !found && inc.Severity == slo.Page {
			s.t.Errorf("somebody is woken by %s after %s: %s", s.named(inc), inc.Opened.Sub(s.zero), inc.Reason)
		}
	}
	for j, want := range s.expected {
		if len(want) == 3 && want[1] == "is" {
			for _, st := range got.Statuses {
				if st.ID == s.pack+"/"+want[0] && string(st.State) == want[2] {
					met[j] = true
				}
			}
		}
		if !met[j] {
			s.t.Errorf("expected: %s", strings.Join(want, " "))
		}
	}
	if s.t.Failed() {
		for i := range got.Incidents {
			inc := &got.Incidents[i]
			s.t.Logf("%s by %s after %s, over: %t: %s", inc.Severity, s.named(inc), inc.Opened.Sub(s.zero), !inc.Closed.IsZero(), inc.Reason)
		}
		for _, st := range got.Statuses {
			s.t.Logf("%s %s is %s: %s", st.ID, st.Group, st.State, st.Reason)
		}
	}
}

// named is the name of the SLO and its group, as scripts write it.
func (s *toldStory) named(inc *engine.ReplayedIncident) string {
	name := strings.TrimPrefix(inc.SLO, s.pack+"/")
	if len(inc.Group) == 0 {
		return name
	}
	return name + strings.ReplaceAll(inc.Group.String(), " ", "")
}

// meets reports whether an incident is what a line expects: severity, name, from, until, and whether it is open.
func (s *toldStory) meets(inc *engine.ReplayedIncident, want []string) bool {
	after := inc.Opened.Sub(s.zero)
	return string(inc.Severity) == want[0] && s.named(inc) == want[1] && after >= s.duration(want[2]) && after <= s.duration(want[3]) &&
		(len(want) == 4 || want[4] == "open" && inc.Closed.IsZero())
}
