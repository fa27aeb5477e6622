package promapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

const (
	// remoteReadSamples, remoteReadAtOnce and remoteReadFrame bound remote read
	// as Prometheus does by default.
	remoteReadSamples = 50_000_000
	remoteReadAtOnce  = 10
	remoteReadFrame   = 1 << 20
)

// newUpstream returns Prometheus' own API without its writing parts. This is
// the one place that spells out its positional arguments.
func newUpstream(o Options) http.Handler {
	var (
		engine    promql.QueryEngine
		samples   storage.SampleAndChunkQueryable
		exemplars storage.ExemplarQueryable
		stats     apiv1.TSDBAdminStats
	)
	if o.Local != nil {
		db := o.Local.DB()
		engine, samples, exemplars, stats = o.Local.Engine(), db, db, adminStats{db}
	}
	started := o.Now()
	nothing := none{}
	external := o.ExternalURL
	api := apiv1.NewAPI(
		engine, samples,
		nil, nil, // writes have handlers of their own
		exemplars,
		func(context.Context) apiv1.ScrapePoolsRetriever { return nothing },
		func(context.Context) apiv1.TargetRetriever { return nothing },
		func(context.Context) apiv1.AlertmanagerRetriever { return nothing },
		func() config.Config { return config.Config{} },
		map[string]string{},
		apiv1.GlobalURLOptions{ListenAddress: external.Host, Host: external.Host, Scheme: external.Scheme},
		func(f http.HandlerFunc) http.HandlerFunc { return f }, // mounted only once ready
		stats, "",
		false,    // admin API
		false, 0, // search
		o.Logger.With("component", "promapi"),
		func(context.Context) apiv1.RulesRetriever { return nothing },
		remoteReadSamples, remoteReadAtOnce, remoteReadFrame,
		false,                     // agent
		regexp.MustCompile(`^.^`), // CORS: matches no origin
		func() (apiv1.RuntimeInfo, error) { return runtimeInfo(started, o.Now()), nil },
		buildInfo(o.Version),
		func() []notifications.Notification { return nil },
		func() (<-chan notifications.Notification, func(), bool) { return nil, nil, false },
		o.Gatherer, o.Registerer, nil,
		false, nil, // remote write
		false, false, false, // OTLP
		false,         // zero samples at start times
		5*time.Minute, // look-back
		false, false,  // type and unit labels, metadata
		nil, // error codes
		features.NewRegistry(),
		// Its OpenAPI document is not served, so it is left empty: to write it took
		// most of the memory of a start.
		apiv1.OpenAPIOptions{IncludePaths: []string{"none"}},
		parser.NewParser(parser.Options{}),
	)
	router := route.New().WithPrefix(o.Prefix)
	api.Register(router)
	return router
}

func runtimeInfo(started, now time.Time) apiv1.RuntimeInfo {
	return apiv1.RuntimeInfo{StartTime: started, ServerTime: now, LastConfigTime: started, ReloadConfigSuccess: true,
		GoroutineCount: runtime.NumGoroutine(), GOMAXPROCS: runtime.GOMAXPROCS(0), GOMEMLIMIT: debug.SetMemoryLimit(-1)}
}

// buildInfo shows the version of the Prometheus that is built in, because
// clients choose features by it; the revision names Burnline.
func buildInfo(version string) *apiv1.PrometheusVersion {
	out := &apiv1.PrometheusVersion{Version: "3.0.0", Revision: "burnline " + version, Branch: "burnline", GoVersion: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, dep := range info.Deps {
		if minor, is := strings.CutPrefix(dep.Version, "v0.3"); is && dep.Path == "github.com/prometheus/prometheus" {
			out.Version = "3." + minor // module v0.313.5 is release 3.13.5
		}
	}
	return out
}

// adminStats shows the TSDB's statistics; upstream offers the methods that
// change data only when its admin API is on, which it is not.
type adminStats struct {
	*tsdb.DB
}

var _ apiv1.TSDBAdminStats = adminStats{}

// Stats implements apiv1.TSDBAdminStats.
func (a adminStats) Stats(label string, limit int) (*tsdb.Stats, error) {
	return a.Head().Stats(label, limit), nil
}

// WALReplayStatus implements apiv1.TSDBAdminStats: the store is open, so the
// replay has ended.
func (adminStats) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return tsdb.WALReplayStatus{}, nil
}

// BlockMetas implements apiv1.TSDBAdminStats.
func (a adminStats) BlockMetas() ([]tsdb.BlockMeta, error) { return a.DB.BlockMetas(), nil }

// none has no targets, Alertmanagers and rules.
type none struct{}

// ScrapePools implements apiv1.ScrapePoolsRetriever.
func (none) ScrapePools() []string { return []string{} }

// TargetsActive implements apiv1.TargetRetriever.
func (none) TargetsActive() map[string][]*scrape.Target { return nil }

// TargetsDropped implements apiv1.TargetRetriever.
func (none) TargetsDropped() map[string][]*scrape.Target { return nil }

// TargetsDroppedCounts implements apiv1.TargetRetriever.
func (none) TargetsDroppedCounts() map[string]int { return nil }

// ScrapePoolConfig implements apiv1.TargetRetriever.
func (none) ScrapePoolConfig(string) (*config.ScrapeConfig, error) {
	return nil, errors.New("no scrape pools")
}

// Alertmanagers implements apiv1.AlertmanagerRetriever.
func (none) Alertmanagers() []*url.URL { return nil }

// DroppedAlertmanagers implements apiv1.AlertmanagerRetriever.
func (none) DroppedAlertmanagers() []*url.URL { return nil }

// RuleGroups implements apiv1.RulesRetriever.
func (none) RuleGroups() []*rules.Group { return nil }

// AlertingRules implements apiv1.RulesRetriever.
func (none) AlertingRules() []*rules.AlertingRule { return nil }
