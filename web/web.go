package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Engine is what the pages read from the SLO engine. Slices and pointers that
// it returns are shared and only read.
type Engine interface {
	// Definitions returns the set in force.
	Definitions() []*slo.Definition
	// Statuses returns the newest status of every group of every SLO.
	Statuses() []slo.Status
	// Status returns the statuses of one SLO's groups, none when the ID is unknown.
	Status(id string) []slo.Status
	// Version rises with each visible change of a status or definition.
	Version() uint64
	// Chart returns the history of one group in at most about points steps.
	Chart(id string, group slo.Labels, from, to time.Time, points int) (slo.Chart, error)
}

// System reports how Burnline itself fares.
type System interface {
	// Health returns the newest figures. It is asked for each page, so it must
	// not take long.
	Health(ctx context.Context) Health
}

// Options are the parts that the pages show and the handlers that are mounted
// beside them.
type Options struct {
	// Engine, Ledger and System are required.
	Engine Engine
	Ledger alerting.Ledger
	System System
	// Alerts reads the outside alerts of incidents. Nil leaves them out.
	Alerts alerting.AlertReader
	// Doctor says what arrives and whether a page would reach somebody. Nil leaves that out.
	Doctor Doctor
	// Corrections are listed, entered and removed through it. Nil leaves that out.
	Corrections Corrections
	// Evidence returns what is known now of an open incident, by its key; nil where nothing is.
	// A nil function leaves it at what was told.
	Evidence func(key string) *slo.Evidence
	// Silences are listed, put in force and ended through it. Nil leaves that out.
	Silences Silences
	// Maintenance is started, stopped and listed through it. Nil leaves that out.
	Maintenance Maintenance
	// StatusPage answers /status, /status.json and everything under /status/, for customers; it sees the
	// whole path. StatusPosts takes what people write there. Nil leaves each out.
	StatusPage  http.Handler
	StatusPosts StatusPosts
	// Changes are listed and taken through it, and marked on charts. Nil leaves that out.
	Changes Changes
	// SilenceLimits are what bounds one silence now. Default silences.DefaultLimits.
	SilenceLimits func() silences.Limits
	// Acknowledge takes note that somebody has an open incident, by its key; its error wraps
	// alerting.ErrNotOpen where no such incident is open. Nil leaves that out.
	Acknowledge func(ctx context.Context, key, by, via string, at time.Time) error
	// Reviews takes what people write of incidents. Nil leaves that out.
	Reviews Reviews
	// Night is when pages wake people. Default reviews.DefaultNight.
	Night func() reviews.Night
	// PagerDuty and Slack take what people did there: PagerDuty's webhooks, and the
	// presses of Slack's buttons. Nil leaves them out.
	PagerDuty, Slack http.Handler
	// Traces are the kept traces, Tempo answers everything under /tempo/ and sees the whole
	// path, and ForgetCustomer deletes the traces of a customer and returns how many there
	// were. Nil leaves each out.
	Traces         Traces
	Tempo          http.Handler
	ForgetCustomer func(ctx context.Context, customer string) (int, error)
	// Shadow compares with an old Alertmanager, and says who is told for real. Nil leaves
	// that out.
	Shadow Shadow
	// Reports tells how promises were kept. Nil leaves that out.
	Reports Reports
	// Explain tells where an SLO's events fail. Nil leaves that out.
	Explain Explain
	// Heat reads how long the requests of latency SLOs took. Nil leaves that out.
	Heat Heat
	// WhatIf replays an SLO with another objective or other policies. Nil leaves that out.
	WhatIf WhatIf
	// Versions and Teams are shown beside the SLOs. Nil leaves them out.
	Versions Versions
	Teams    Teams
	// Prometheus answers everything under /prometheus/api/v1/; it sees the whole
	// path. Nil leaves that tree out.
	Prometheus http.Handler
	// Alertmanager answers everything under /alertmanager/api/v2/; it sees the whole
	// path. Nil leaves that tree out.
	Alertmanager http.Handler
	// Metrics answers /metrics. Nil leaves it out.
	Metrics http.Handler
	// Ready answers /-/ready: nil is ready, with a note on what does not work all the same; an error
	// says what is not. A nil function is always ready.
	Ready func() (note string, _ error)
	// Started answers /-/started: nil once Burnline counts and pages, also while it stores nothing; an error says what it
	// waits for. A nil function has always started.
	Started func() error
	// Reload answers POST /-/reload; its error is shown to the caller. Nil
	// leaves the endpoint out.
	Reload func() error
	// Drills runs drills, and lists those that were. Nil leaves that out.
	Drills Drills
	// Backups makes backups, and knows of those that were made and tried. Nil leaves that out.
	Backups Backups
	// Limits bound what clients may ask for. Default DefaultLimits.
	Limits Limits
	// Registerer takes the metrics of what is turned away. Default: none sees them.
	Registerer prometheus.Registerer
	// Access says who gets in; its zero value lets everybody do everything.
	Access Access
	// ExternalURL is where people reach this server, such as
	// https://burnline.example.com; its origin may send POST requests. Optional.
	ExternalURL string
	// Stopping ends the live streams when it is closed, so that a shutdown need
	// not wait for open pages. Optional.
	Stopping <-chan struct{}
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Logger takes failures that no client can be told of. Default: discarded.
	Logger *slog.Logger
}

// New returns the handler of the whole HTTP interface. It starts no goroutine.
// It fails when a required part is missing or ExternalURL is no absolute URL.
func New(o Options) (http.Handler, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	return s.handler()
}

// server holds the parts that handlers share; but for fleets and proxied it is read-only after newServer.
type server struct {
	Options
	// proxied is done once it was said that a proxy's word is not taken.
	proxied sync.Once
	pages   *pages
	gates   *gates
	fleets  fleets
	// durations are how long requests took.
	durations *prometheus.HistogramVec
	// description is the API in OpenAPI.
	description []byte
}

func newServer(o Options) (*server, error) {
	switch {
	case o.Engine == nil:
		return nil, errors.New("web: Options.Engine is required")
	case o.Ledger == nil:
		return nil, errors.New("web: Options.Ledger is required")
	case o.System == nil:
		return nil, errors.New("web: Options.System is required")
	}
	if o.Access.SignIn && o.Access.Keeper == nil {
		return nil, errors.New("web: Options.Access.Keeper is required where people sign in")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SilenceLimits == nil {
		o.SilenceLimits = silences.DefaultLimits
	}
	if o.Night == nil {
		o.Night = reviews.DefaultNight
	}
	if o.Started == nil {
		o.Started = func() error { return nil }
	}
	if o.Ready == nil {
		o.Ready = func() (string, error) { return "", nil }
	}
	p, err := loadPages()
	if err != nil {
		return nil, err
	}
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	g, err := newGates(o.Limits, o.Registerer)
	if err != nil {
		return nil, err
	}
	s := &server{Options: o, pages: p, gates: g, durations: newDurations(o.Registerer)}
	return s, s.describeAll()
}

// handler assembles the router behind the check against cross-site requests.
func (s *server) handler() (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if s.ExternalURL != "" {
		u, err := url.Parse(s.ExternalURL)
		if err != nil || u.Scheme == "" || u.Host == "" {
			return nil, fmt.Errorf("external URL %q: write it as https://burnline.example.com", s.ExternalURL)
		}
		if err := cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("external URL %q: %w", s.ExternalURL, err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(s.refuseOthers))
	return cross.Handler(s.router()), nil
}

// router registers every route.
func (s *server) router() *gin.Engine { return s.mount(s.routes()) }

// mount puts routes behind who may do what. Gin's mode is a process-wide switch; its debug mode
// would print every route to standard output.
func (s *server) mount(routes []route) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.HandleMethodNotAllowed = true
	r.Use(s.recovery())
	for _, rt := range routes {
		handlers := []gin.HandlerFunc{secured, s.measure(rt), s.limit(rt), s.admit(rt), rt.handler}
		if rt.method == "" {
			r.Any(rt.path, handlers[1:]...) // others' protocols set their own headers
			continue
		}
		r.Handle(rt.method, rt.path, handlers...)
	}
	r.NoRoute(secured, s.limit(route{access: toShow}), s.admit(route{access: toShow}), s.notFound)
	return r
}

// recovery answers 500 when a handler panics and logs the panic with its stack. What was begun to be
// answered is cut off, so that nobody takes it for whole.
func (s *server) recovery() gin.HandlerFunc {
	return gin.CustomRecoveryWithWriter(recoveryLog{s.Logger}, func(c *gin.Context, _ any) {
		const sentence, detail = "Burnline has a fault here.", "Its log says where. Counting and paging go on."
		if c.Writer.Written() {
			s.gates.refused.WithLabelValues(refusedPanic).Inc()
			panic(http.ErrAbortHandler)
		}
		if forPrograms(c.Request.URL.Path) {
			s.refuse(c, refusedPanic, http.StatusInternalServerError, sentence, detail)
			return
		}
		s.gates.refused.WithLabelValues(refusedPanic).Inc() // the frame of pages may be what is at fault
		c.String(http.StatusInternalServerError, "%s %s\n", sentence, detail)
		c.Abort()
	})
}

// recoveryLog turns gin's report of a panic into one log record.
type recoveryLog struct{ logger *slog.Logger }

func (w recoveryLog) Write(p []byte) (int, error) {
	w.logger.Error("handler panicked", "report", string(p))
	return len(p), nil
}
