package scrape

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"go.uber.org/goleak"

	"burnline/internal/harness/patience"
	"burnline/slo"
)

// memory keeps what is appended, by series.
type memory struct {
	mu     sync.Mutex
	series map[string]got
}

// got is the newest sample of a series.
type got struct {
	v         float64
	st        int64
	native    bool
	exemplars int
}

func (m *memory) AppenderV2(context.Context) storage.AppenderV2 { return memoryAppender{m} }

// find returns a series by the start of its name and labels.
func (m *memory) find(prefix string) (got, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, g := range m.series {
		if strings.HasPrefix(name, prefix) {
			return g, true
		}
	}
	return got{}, false
}

type memoryAppender struct{ m *memory }

func (a memoryAppender) Append(_ storage.SeriesRef, ls labels.Labels, st, _ int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	name := ls.Get(slo.MetricName) + labels.NewBuilder(ls).Del(slo.MetricName).Labels().String()
	a.m.series[name] = got{v: v, st: st, native: h != nil || fh != nil, exemplars: a.m.series[name].exemplars + len(o.Exemplars)}
	return storage.SeriesRef(ls.Hash()), nil
}

func (a memoryAppender) Commit() error   { return nil }
func (a memoryAppender) Rollback() error { return nil }

// noLeaks fails the test when goroutines of it are left after all clean-up.
func noLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// service is a target that counts requests and their time, as client_golang
// exposes them.
func service(t *testing.T) string {
	t.Helper()
	reg := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."}, []string{"code"})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "request_seconds", Help: "Time.", Buckets: []float64{0.1, 1}, NativeHistogramBucketFactor: 1.1,
	})
	reg.MustRegister(requests, seconds)
	requests.WithLabelValues("200").Add(3)
	requests.WithLabelValues("500").(prometheus.ExemplarAdder).AddWithExemplar(1, prometheus.Labels{"trace_id": "abc"})
	seconds.Observe(0.5)
	server := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func jobConfig(name string, targets ...string) []byte {
	return fmt.Appendf(nil, "- job_name: %s\n  scrape_interval: 100ms\n  scrape_timeout: 100ms\n  static_configs: [{targets: ['%s']}]\n", name, strings.Join(targets, "','"))
}

// run runs the scraper until the returned function is called.
func run(t *testing.T, s *Scraper) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := patience.Receive(t, "the scraper ends", done); err != nil {
			t.Error(err)
		}
	}
}

func TestMetricsOfALiveTargetAreStored(t *testing.T) {
	noLeaks(t)
	store := &memory{series: map[string]got{}}
	target := service(t)
	s, err := New(Options{Configs: jobConfig("shop", target), Appendable: store})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, s)
	defer stop()
	where := `instance="` + target + `", job="shop"}`
	for _, c := range []struct {
		what, series string
		check        func(got) bool
	}{
		{"up is 1", `up{` + where, func(g got) bool { return g.v == 1 }},
		{"a counter with its start time", `requests_total{code="200", ` + where, func(g got) bool { return g.v == 3 && g.st > 0 }},
		{"an exemplar", `requests_total{code="500", ` + where, func(g got) bool { return g.v == 1 && g.exemplars > 0 }},
		{"a classic histogram", `request_seconds_bucket{instance="` + target + `", job="shop", le="1.0"}`, func(g got) bool { return g.v == 1 }},
	} {
		patience.Until(t, c.what, func() bool {
			g, ok := store.find(c.series)
			return ok && c.check(g)
		})
	}
	patience.Until(t, "the target is shown as up", func() bool {
		targets := s.Targets()
		return len(targets) == 1 && targets[0].Health == "up" && targets[0].Job == "shop" && targets[0].Instance == target &&
			targets[0].URL == "http://"+target+"/metrics" && !targets[0].LastScrape.IsZero()
	})
}

// A target that exposes a histogram in both forms is stored in one of them, so
// that a latency SLO counts every request once.
func TestAHistogramIsStoredInOneForm(t *testing.T) {
	for _, c := range []struct {
		name, options   string
		native, classic bool
	}{
		{"by default the classic one", "", false, true},
		{"the native one where the job asks for it", "  scrape_native_histograms: true\n", true, false},
		{"both only where the job asks for both", "  scrape_native_histograms: true\n  always_scrape_classic_histograms: true\n", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			noLeaks(t)
			store := &memory{series: map[string]got{}}
			s, err := New(Options{Configs: append(jobConfig("shop", service(t)), c.options...), Appendable: store})
			if err != nil {
				t.Fatal(err)
			}
			stop := run(t, s)
			defer stop()
			patience.Until(t, "a whole scrape is stored", func() bool {
				_, ok := store.find("scrape_duration_seconds{")
				return ok
			})
			native, _ := store.find("request_seconds{")
			_, classic := store.find("request_seconds_count{")
			if native.native != c.native || classic != c.classic {
				t.Errorf("native %v, classic %v; want %v, %v", native.native, classic, c.native, c.classic)
			}
		})
	}
}

func TestADeadTargetIsDownAndShown(t *testing.T) {
	noLeaks(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	store := &memory{series: map[string]got{}}
	reg := prometheus.NewRegistry()
	s, err := New(Options{Configs: jobConfig("gone", strings.TrimPrefix(gone.URL, "http://")), Appendable: store, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	defer run(t, s)()
	patience.Until(t, "up is 0", func() bool {
		g, ok := store.find(`up{`)
		return ok && g.v == 0
	})
	patience.Until(t, "the target is shown as down with its error", func() bool {
		targets := s.Targets()
		return len(targets) == 1 && targets[0].Health == "down" && strings.Contains(targets[0].LastError, "refused")
	})
	want := `
# HELP burnline_scrape_targets Scrape targets by job and by the health that their last scrape showed: up, down or unknown.
# TYPE burnline_scrape_targets gauge
burnline_scrape_targets{health="down",job="gone"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "burnline_scrape_targets"); err != nil {
		t.Error(err)
	}
}

func TestABadReloadKeepsTheOldConfigAndAGoodOneReplacesIt(t *testing.T) {
	store := &memory{series: map[string]got{}}
	s, err := New(Options{Configs: jobConfig("one", service(t)), Appendable: store})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, s)
	defer stop()
	jobs := func() string {
		var names []string
		for _, target := range s.Targets() {
			names = append(names, target.Job)
		}
		return strings.Join(names, " ")
	}
	patience.Until(t, "job one is scraped", func() bool { return jobs() == "one" })
	if err := s.Reload([]byte("- job_name: two\n  consul_sd_configs: []\n")); err == nil || jobs() != "one" {
		t.Errorf("a bad config: error %v, jobs %s", err, jobs())
	}
	if err := s.Reload(jobConfig("two", service(t))); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "job two is scraped instead", func() bool { return jobs() == "two" })
}

func TestABadConfigIsNoScraper(t *testing.T) {
	if _, err := New(Options{Configs: []byte("job: x"), Appendable: &memory{}}); err == nil {
		t.Error("no error")
	}
}

func TestWithoutJobsItJustRuns(t *testing.T) {
	noLeaks(t)
	s, err := New(Options{Appendable: &memory{}})
	if err != nil {
		t.Fatal(err)
	}
	run(t, s)()
}
