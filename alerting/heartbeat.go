package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// ClassHeartbeat is the class of messages that say nothing but that they could be sent.
const ClassHeartbeat = "heartbeat"

// Heartbeat is a message that is sent again and again, so that somebody else notices when
// it stays away.
type Heartbeat struct {
	// Targets are the integrations that are told; none is no heartbeat.
	Targets []Target
	// Every is after what time the next is due.
	Every time.Duration
}

// HeartbeatStore commits heartbeats as rows of the outbox. storage/state implements it.
type HeartbeatStore interface {
	// Beat writes a row for each target, unless one was written less than most of the
	// distance ago, by whichever node. Rows before it that nobody tried to send end with
	// it and those that were sent are forgotten but for the newest; one that is being tried goes on in
	// the place of a new one.
	Beat(ctx context.Context, h Heartbeat, m Message, now time.Time) error
	// LastBeat returns when a heartbeat was last delivered; zero for never.
	LastBeat(ctx context.Context) (time.Time, error)
}

// HeartOptions are what a Heart needs.
type HeartOptions struct {
	// Store is required.
	Store HeartbeatStore
	// Heartbeat returns the configuration in force; required.
	Heartbeat func() Heartbeat
	// Now is the clock; required.
	Now func() time.Time
	// Wake is called after a commit; may be nil.
	Wake func()
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Heart sends heartbeats the way of every page: as committed rows that the deliverer claims
// and sends. So they stay away when the store or the deliverer fails, not only when the process
// is dead.
type Heart struct {
	o HeartOptions
	// last is when one was delivered last, in nanoseconds since 1970; 0 is never.
	last   atomic.Int64
	failed bool
}

// NewHeart returns a heart, or what is wrong with its options. It starts nothing.
func NewHeart(o HeartOptions) (*Heart, error) {
	if o.Store == nil || o.Heartbeat == nil || o.Now == nil {
		return nil, errors.New("alerting: a heart needs a store, a configuration and a clock")
	}
	o.Logger = orDiscard(o.Logger)
	if o.Wake == nil {
		o.Wake = func() {}
	}
	h := &Heart{o: o}
	return h, register(o.Registerer, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "burnline_heartbeat_age_seconds",
		Help: "Time since a heartbeat was last delivered; NaN without one, and where none is configured.",
	}, h.age))
}

// age is for how long no heartbeat was delivered, in seconds.
func (h *Heart) age() float64 {
	last := h.Last()
	if last.IsZero() || len(h.o.Heartbeat().Targets) == 0 {
		return math.NaN()
	}
	return max(0, h.o.Now().Sub(last).Seconds())
}

// Last returns when a heartbeat was delivered last; zero for never.
func (h *Heart) Last() time.Time {
	if n := h.last.Load(); n != 0 {
		return time.Unix(0, n).UTC()
	}
	return time.Time{}
}

// beatPoll is how often it is looked whether a heartbeat is due, and whether one arrived.
const beatPoll = 5 * time.Second

// Run sends heartbeats until ctx ends.
func (h *Heart) Run(ctx context.Context) error {
	tick := time.NewTicker(beatPoll)
	defer tick.Stop()
	for {
		err := h.beat(ctx)
		if err != nil && ctx.Err() == nil && !h.failed {
			h.o.Logger.Error("no heartbeat can be committed, so that whoever waits for it will notice", "error", err)
		}
		h.failed = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// beat commits a heartbeat if one is due.
func (h *Heart) beat(ctx context.Context) error {
	c := h.o.Heartbeat()
	if len(c.Targets) == 0 {
		return nil
	}
	now := h.o.Now()
	if err := h.o.Store.Beat(ctx, c, heartbeatText(c, now), now); err != nil {
		return fmt.Errorf("commit a heartbeat: %w", err)
	}
	h.o.Wake()
	last, err := h.o.Store.LastBeat(ctx)
	if err != nil {
		return fmt.Errorf("see when a heartbeat was delivered: %w", err)
	}
	if !last.IsZero() {
		h.last.Store(last.UnixNano())
	}
	return nil
}

// heartbeatText is the message.
func heartbeatText(c Heartbeat, now time.Time) Message {
	return Message{
		Summary:  fmt.Sprintf("Burnline is alive and delivers. The next heartbeat comes in %s; when it doesn't, nobody may hear of what happens.", Duration(c.Every)),
		Severity: slo.Ticket, Source: "burnline", Component: "heartbeat", Class: ClassHeartbeat, Time: now,
		Labels: slo.NewLabels(nameLabel, "BurnlineHeartbeat", "severity", "none"),
	}
}
