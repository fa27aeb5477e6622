package promapi

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// Local is what the API reads of the embedded store.
type Local interface {
	// DB answers series, labels, exemplars and statistics.
	DB() *tsdb.DB
	// Engine evaluates PromQL with the store's limits.
	Engine() promql.QueryEngine
	// Metadata returns what is known of each metric family.
	Metadata() map[string]metadata.Metadata
	// NoteMetadata remembers what a sender says of a metric family.
	NoteMetadata(family string, meta metadata.Metadata)
}

// Options say what the API stands on. Store, Logger, Registerer and one of
// Local and Backend are required.
type Options struct {
	// Prefix is the path that the handler is mounted under. Default
	// /prometheus/api/v1.
	Prefix string
	// Store takes what is written. Its appenders drop what can't be stored and
	// tell how much by a method Rejected() (int, string).
	Store storage.AppendableV2
	// Local answers queries from the embedded store.
	Local Local
	// Backend is the base URL of a Prometheus-compatible backend, to which
	// /api/v1/… is added; queries are proxied to it.
	Backend *url.URL
	// Transport carries proxied queries, with the backend's credentials.
	// Default http.DefaultTransport.
	Transport http.RoundTripper
	// OTLP takes OTLP over HTTP at /v1/metrics: the collector's own receiver, so
	// that one pipeline serves all ways in. Nil leaves /otlp out.
	OTLP http.Handler
	// SLORules are the policies of the SLOs as rules, and Rules the users' own; either may be nil.
	SLORules func() []*apiv1.RuleGroup
	Rules    func() []*rules.Group
	// MaxBody bounds a written request after decompression, in bytes. Default 32 MiB.
	MaxBody int64
	// MaxBodies bounds what the bodies of all writes take in bytes, from when they come until they are
	// stored; those of one sender take half of it, and what finds no room is answered 503. Default four
	// times MaxBody.
	MaxBodies int64
	// MaxQueries and MaxWrites bound how many queries and writes run at once;
	// more wait for ten seconds and are then answered 503. Default 20 each.
	MaxQueries, MaxWrites int
	// QueryTimeout ends reads that take longer. Default 2 minutes.
	QueryTimeout time.Duration
	// MaxSeries bounds the series, or names and values of labels, of one answer of Local; what is over
	// is left out, and the answer warns of it. Default 100,000.
	MaxSeries int
	// ExternalURL is how clients reach Burnline; may be nil.
	ExternalURL *url.URL
	// Version is Burnline's, shown in status/buildinfo.
	Version    string
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Gatherer answers status/self_metrics; may be nil.
	Gatherer prometheus.Gatherer
}

const (
	defaultPrefix  = "/prometheus/api/v1"
	defaultMaxBody = 32 << 20
	defaultAtOnce  = 20
	defaultTimeout = 2 * time.Minute
	// maxQueryForm bounds a question in bytes, in its address or its body: to parse
	// an expression takes time by the square of its depth, and nothing can end it.
	maxQueryForm = 128 << 10
	// maxForms bounds what all questions take that are read and answered at once, in bytes.
	maxForms = 32 << 20
	// bodyPause is how long a body may pause, and bodyTime how long it may take to come.
	bodyPause, bodyTime = 10 * time.Second, time.Minute
	defaultMaxSeries    = 100_000
	waitForTurn         = 10 * time.Second
	retryAfterSeconds   = "5"
)

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Store == nil || o.Logger == nil || o.Registerer == nil:
		return o, errors.New("the Prometheus API: Store, Logger and Registerer are required")
	case (o.Local == nil) == (o.Backend == nil):
		return o, errors.New("the Prometheus API: exactly one of Local and Backend is required")
	}
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MaxBodies <= 0 {
		o.MaxBodies = 4 * o.MaxBody
	}
	if o.MaxQueries <= 0 {
		o.MaxQueries = defaultAtOnce
	}
	if o.MaxWrites <= 0 {
		o.MaxWrites = defaultAtOnce
	}
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = defaultTimeout
	}
	if o.MaxSeries <= 0 {
		o.MaxSeries = defaultMaxSeries
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{Scheme: "http", Host: "localhost"}
	}
	if o.Gatherer == nil {
		o.Gatherer = prometheus.NewRegistry()
	}
	return o, nil
}
