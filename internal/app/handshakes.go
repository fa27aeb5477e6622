package app

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// brokenHandshake begins what net/http says of a connection on which TLS was not agreed on.
	brokenHandshake = "http: TLS handshake error from "
	// handshakesEvery is how often it is told: whoever reaches the port can break off any number.
	handshakesEvery = time.Minute
)

// handshakes tells of connections that break off before TLS is agreed on, such as one with a client certificate
// that has expired: the other side often knows only that it was cut off. One a minute is a warning, the
// others are debug lines.
type handshakes struct {
	logger *slog.Logger

	mu   sync.Mutex
	told time.Time
}

// say tells of a line of net/http; false where it is about something else.
func (h *handshakes) say(line string, at time.Time) bool {
	what, is := strings.CutPrefix(line, brokenHandshake)
	if !is {
		return false
	}
	tell := h.logger.Debug
	h.mu.Lock()
	if at.Sub(h.told) >= handshakesEvery {
		h.told, tell = at, h.logger.Warn
	}
	h.mu.Unlock()
	tell("a connection broke off before TLS was agreed on", "error", strings.TrimSpace(what))
	return true
}

// around is a handler that tells of these lines in this way, and passes all others on: those of a server of
// net/http, and of the Collector, whose server logs errors.
func (h *handshakes) around() slog.Handler { return handshakeLog{h.logger.Handler(), h} }

type handshakeLog struct {
	slog.Handler
	of *handshakes
}

// Enabled implements slog.Handler: whether a line is of interest is seen when it is there.
func (handshakeLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (l handshakeLog) Handle(ctx context.Context, r slog.Record) error {
	told := l.of.say(r.Message, r.Time)
	r.Attrs(func(a slog.Attr) bool {
		told = told || a.Key == "message" && l.of.say(a.Value.String(), r.Time)
		return !told
	})
	if told || !l.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l handshakeLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handshakeLog{l.Handler.WithAttrs(attrs), l.of}
}

// WithGroup implements slog.Handler.
func (l handshakeLog) WithGroup(name string) slog.Handler {
	return handshakeLog{l.Handler.WithGroup(name), l.of}
}
