package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// What goes wrong for many goes wrong alike: a warning or an error with the message and the cause (or, without one, all that is said) of one of
// the last minute is counted and not logged again.
const (
	repeatedWithin = time.Minute
	// mostDistinct bounds what is remembered; beyond it everything is logged.
	mostDistinct = 1000
)

// once is a handler of log lines that leaves out repetitions.
type once struct {
	slog.Handler
	part   string // what the attributes that every line has tell apart
	recent *recently
}

// recently is what was logged of late.
type recently struct {
	now func() time.Time

	mu    sync.Mutex
	lines map[string]*line
}

// line is one that was logged, and how often it was left out since.
type line struct {
	at      time.Time
	omitted int
}

// withoutRepeats returns a logger that leaves out repetitions.
func withoutRepeats(l *slog.Logger, now func() time.Time) *slog.Logger {
	return slog.New(once{Handler: l.Handler(), recent: &recently{now: now, lines: map[string]*line{}}})
}

// Handle implements slog.Handler.
func (h once) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn {
		return h.Handler.Handle(ctx, r)
	}
	omitted, fresh := h.recent.note(h.part + "\x00" + r.Message + "\x00" + cause(r))
	if !fresh {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("repeated", omitted))
	}
	return h.Handler.Handle(ctx, r)
}

// cause is what went wrong, where the line says it, else all that it says.
func cause(r slog.Record) (text string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" || a.Key == "err" {
			text = a.Value.String()
			return false
		}
		text += "\x00" + a.String()
		return true
	})
	return text
}

// WithAttrs implements slog.Handler.
func (h once) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		h.part += "\x00" + a.String()
	}
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

// WithGroup implements slog.Handler.
func (h once) WithGroup(name string) slog.Handler {
	h.part += "\x00" + name
	h.Handler = h.Handler.WithGroup(name)
	return h
}

// note reports whether a line is to be logged, and how often it was left out before.
func (r *recently) note(key string) (omitted int, fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if l := r.lines[key]; l != nil && now.Sub(l.at) < repeatedWithin {
		l.omitted++
		return 0, false
	} else if l != nil {
		omitted = l.omitted
	}
	if len(r.lines) >= mostDistinct {
		for k, l := range r.lines {
			if now.Sub(l.at) >= repeatedWithin {
				delete(r.lines, k)
			}
		}
	}
	if len(r.lines) < mostDistinct {
		r.lines[key] = &line{at: now}
	}
	return omitted, true
}
