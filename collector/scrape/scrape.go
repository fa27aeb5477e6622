package scrape

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"

	"burnline/internal/redact"
)

// Options say what is scraped and where samples go.
type Options struct {
	// Configs is a YAML list of Prometheus scrape configs; empty for none.
	Configs []byte
	// Dir is what relative paths in Configs are below. Default: the working directory.
	Dir string
	// Appendable takes the samples; required.
	Appendable storage.AppendableV2
	// Logger is optional.
	Logger *slog.Logger
	// Registerer takes the scraper's own metrics; optional.
	Registerer prometheus.Registerer
}

// Scraper scrapes targets while it runs.
type Scraper struct {
	o Options

	mu  sync.Mutex
	cfg *config.Config
	// scraper and finder are set while Run runs.
	scraper *scrape.Manager
	finder  *discovery.Manager
}

// New checks the configs, whose findings are the error; Run does the work.
func New(o Options) (*Scraper, error) {
	if o.Appendable == nil {
		return nil, errors.New("scraper: Appendable is missing")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	cfg, findings := parse(o.Configs, o.Dir)
	if len(findings) > 0 {
		return nil, findings
	}
	s := &Scraper{o: o, cfg: cfg}
	if o.Registerer != nil {
		if err := o.Registerer.Register(newTargetsCollector(s)); err != nil {
			return nil, fmt.Errorf("register the scraper's metrics: %w", err)
		}
	}
	return s, nil
}

// Run scrapes until ctx ends, and returns after the last scrape was stored. It
// may be called once.
func (s *Scraper) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	finder, scraper, err := s.start(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	wg.Go(func() { errs <- finder.Run() })
	wg.Go(func() { errs <- scraper.Run(finder.SyncCh()) })
	<-ctx.Done()
	s.mu.Lock()
	s.scraper, s.finder = nil, nil
	s.mu.Unlock()
	scraper.Stop()
	wg.Wait()
	for range 2 {
		if err := <-errs; err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("scrape: %w", err)
		}
	}
	return nil
}

// start builds the managers and gives them the config.
func (s *Scraper) start(ctx context.Context) (*discovery.Manager, *scrape.Manager, error) {
	// The libraries' own metrics are many and unprefixed; the scraper's own say
	// what an operator needs.
	private := prometheus.NewRegistry()
	sdMetrics, err := discovery.CreateAndRegisterSDMetrics(private)
	if err != nil {
		return nil, nil, fmt.Errorf("start service discovery: %w", err)
	}
	finder := discovery.NewManager(ctx, s.o.Logger, private, sdMetrics)
	if finder == nil {
		return nil, nil, errors.New("start service discovery: its metrics can't be registered")
	}
	scraper, err := scrape.NewManager(&scrape.Options{
		AppendMetadata:           true,
		ParseST:                  true,
		DiscoveryReloadInterval:  model.Duration(time.Second),
		DiscoveryReloadOnStartup: true,
	}, s.o.Logger, nil, nil, s.o.Appendable, private)
	if err != nil {
		return nil, nil, fmt.Errorf("start the scraper: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finder, s.scraper = finder, scraper
	return finder, scraper, s.apply()
}

// apply hands the current config to the managers. The caller holds the lock.
func (s *Scraper) apply() error {
	if err := s.scraper.ApplyConfig(s.cfg); err != nil {
		return fmt.Errorf("apply scrape configs: %w", err)
	}
	jobs, err := s.cfg.GetScrapeConfigs()
	if err != nil {
		return fmt.Errorf("apply scrape configs: %w", err)
	}
	found := make(map[string]discovery.Configs, len(jobs))
	for _, j := range jobs {
		found[j.JobName] = j.ServiceDiscoveryConfigs
	}
	if err := s.finder.ApplyConfig(found); err != nil {
		return fmt.Errorf("apply service discovery: %w", err)
	}
	return nil
}

// Reload replaces the configs. Bad ones are returned as findings, and the old
// ones stay.
func (s *Scraper) Reload(configs []byte) error {
	cfg, findings := parse(configs, s.o.Dir)
	if len(findings) > 0 {
		return findings
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg = cfg
	if s.scraper == nil {
		return nil
	}
	return s.apply()
}

// Target is one target and how its last scrape went.
type Target struct {
	Job      string `json:"job"`
	Instance string `json:"instance"`
	// URL is what is scraped, without a password.
	URL string `json:"url"`
	// Health is up, down, or unknown before the first scrape.
	Health string `json:"health"`
	// LastError is why the last scrape failed; empty when it did not.
	LastError string `json:"last_error"`
	// LastScrape is when the last scrape began; zero before the first.
	LastScrape time.Time `json:"last_scrape"`
	// LastDuration is how long it took.
	LastDuration time.Duration `json:"last_duration"`
}

// Targets returns all targets by job and instance.
func (s *Scraper) Targets() []Target {
	s.mu.Lock()
	scraper := s.scraper
	s.mu.Unlock()
	if scraper == nil {
		return nil
	}
	var out []Target
	for _, targets := range scraper.TargetsActive() {
		for _, t := range targets {
			out = append(out, newTarget(t))
		}
	}
	slices.SortFunc(out, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.URL, b.URL))
	})
	return out
}

func newTarget(t *scrape.Target) Target {
	ls := t.Labels(labels.NewBuilder(labels.EmptyLabels()))
	out := Target{
		Job: ls.Get(model.JobLabel), Instance: ls.Get(model.InstanceLabel), URL: redact.URL(t.URL()),
		Health: string(t.Health()), LastScrape: t.LastScrape(), LastDuration: t.LastScrapeDuration(),
	}
	if err := t.LastError(); err != nil {
		out.LastError = redact.Error(err).Error()
	}
	return out
}

// targetsCollector is the scraper's one metric; it counts targets when it is asked.
type targetsCollector struct {
	s    *Scraper
	desc *prometheus.Desc
}

func newTargetsCollector(s *Scraper) targetsCollector {
	return targetsCollector{s, prometheus.NewDesc("burnline_scrape_targets",
		"Scrape targets by job and by the health that their last scrape showed: up, down or unknown.", []string{"job", "health"}, nil)}
}

// Describe implements prometheus.Collector.
func (c targetsCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements prometheus.Collector.
func (c targetsCollector) Collect(ch chan<- prometheus.Metric) {
	counts := map[[2]string]int{}
	for _, t := range c.s.Targets() {
		counts[[2]string{t.Job, t.Health}]++
	}
	for k, n := range counts {
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(n), k[0], k[1])
	}
}
