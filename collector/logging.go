package collector

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"go.uber.org/zap/zapcore"
)

// slogCore hands the Collector's zap log to slog.
type slogCore struct {
	// ctx is handed to the handler: zap's calls carry none.
	ctx     context.Context
	handler slog.Handler
}

var _ zapcore.Core = (*slogCore)(nil)

// level maps zap's levels (debug −1, info 0, warn 1, error 2 …) onto slog's
// (−4, 0, 4, 8). The Collector's info lines, one a component and start, are
// debug lines of Burnline.
func level(l zapcore.Level) slog.Level {
	if l == zapcore.InfoLevel {
		return slog.LevelDebug
	}
	return slog.Level(int(min(l, zapcore.ErrorLevel)) * 4)
}

// levelOf is the level of a line of the Collector. What it both logs and
// returns to us is a debug line: the error is told once, by who gets it.
func levelOf(e zapcore.Entry) slog.Level {
	switch e.Message {
	case "Failed to start component", "error found during service initialization":
		return slog.LevelDebug
	}
	return level(e.Level)
}

// Enabled implements zapcore.Core.
func (c *slogCore) Enabled(l zapcore.Level) bool {
	return c.handler.Enabled(c.ctx, level(l))
}

// With implements zapcore.Core.
func (c *slogCore) With(fields []zapcore.Field) zapcore.Core {
	return &slogCore{ctx: c.ctx, handler: c.handler.WithAttrs(attrs(fields))}
}

// Check implements zapcore.Core.
func (c *slogCore) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.handler.Enabled(c.ctx, levelOf(e)) {
		return ce.AddCore(e, c)
	}
	return ce
}

// Write implements zapcore.Core.
func (c *slogCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	r := slog.NewRecord(e.Time, levelOf(e), "collector", e.Caller.PC)
	r.AddAttrs(slog.String("message", e.Message))
	r.AddAttrs(attrs(fields)...)
	return c.handler.Handle(c.ctx, r)
}

// Sync implements zapcore.Core.
func (*slogCore) Sync() error { return nil }

func attrs(fields []zapcore.Field) []slog.Attr {
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range fields {
		f.AddTo(enc)
	}
	as := make([]slog.Attr, 0, len(enc.Fields))
	for _, k := range slices.Sorted(maps.Keys(enc.Fields)) {
		as = append(as, slog.Any(k, enc.Fields[k]))
	}
	return as
}
