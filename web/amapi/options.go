package amapi

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Router takes alerts. They are durable when Alerts returns nil; after an error that wraps
// alerting.ErrBadAlert all are but those that it names, after another one none is.
type Router interface {
	Alerts(ctx context.Context, alerts []slo.Alert) error
}

// Silences is what keeps messages back. What fails with slo.Problems, *silences.TooWide or
// silences.ErrUnknown is the caller's to mend; other errors are the store's.
type Silences interface {
	List(ctx context.Context) ([]alerting.Silence, error)
	Silence(ctx context.Context, id string) (alerting.Silence, error)
	Put(ctx context.Context, r silences.Request) (alerting.Silence, error)
	Expire(ctx context.Context, id, by string) (alerting.Silence, error)
}

// Options say what the API stands on. All but Prefix, the bounds and Reader are required.
type Options struct {
	// Prefix is the path that the handler is mounted under. Default
	// /alertmanager/api/v2.
	Prefix string
	// Router takes alerts that are sent, Reader tells what became of them; without a
	// reader /alerts and /alerts/groups can't be read.
	Router Router
	Reader alerting.AlertReader
	// Silences are listed, entered and ended.
	Silences Silences
	// Config returns who is told, as it is in force. It is shared and only read.
	Config func() *alerting.Config
	// Version is Burnline's, and Started when it started.
	Version string
	Started time.Time
	// MaxBody bounds a request's body in bytes. Default 16 MiB.
	MaxBody int64
	// MaxBodies bounds what the bodies of all requests take in bytes, from when they come until they are
	// answered; those of one sender take half of it, and what finds no room is answered 503. Default
	// four times MaxBody.
	MaxBodies int64
	// MaxPosts bounds how many requests with alerts are taken at once; more wait for ten
	// seconds and are then answered 503. Default 8.
	MaxPosts   int
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

const (
	defaultPrefix   = "/alertmanager/api/v2"
	defaultMaxBody  = 16 << 20
	defaultMaxPosts = 8
	waitForTurn     = 10 * time.Second
	// bodyPause is how long a body may pause, and bodyTime how long it may take to come.
	bodyPause, bodyTime = 10 * time.Second, time.Minute
	// storeTimeout bounds what one request may wait for the store of state.
	storeTimeout      = 10 * time.Second
	retryAfterSeconds = "5"
)

func (o Options) withDefaults() (Options, error) {
	if o.Router == nil || o.Silences == nil || o.Config == nil || o.Now == nil || o.Logger == nil || o.Registerer == nil {
		return o, errors.New("the Alertmanager API: Router, Silences, Config, Now, Logger and Registerer are required")
	}
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MaxBodies <= 0 {
		o.MaxBodies = 4 * o.MaxBody
	}
	if o.MaxPosts <= 0 {
		o.MaxPosts = defaultMaxPosts
	}
	return o, nil
}
