package app

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"time"
)

func TestARepeatedWarningIsCountedAndNotLogged(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := withoutRepeats(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), func() time.Time { return now })
	full := errors.New("the disk is full")
	for range 100 {
		l.With("part", "metrics").Warn("no samples are stored", "error", full, "samples", now.UnixNano())
		l.With("part", "state").Warn("no samples are stored", "error", full)
		l.Warn("no samples are stored", "error", errors.New("another reason"))
		l.Info("every SLO is counted")
		now = now.Add(time.Second)
	}
	got := map[string]int{}
	for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		got[string(line)]++
	}
	for line, want := range map[string]int{
		`level=WARN msg="no samples are stored" part=metrics error="the disk is full" samples=0`:                       1,
		`level=WARN msg="no samples are stored" part=metrics error="the disk is full" samples=60000000000 repeated=59`: 1,
		`level=WARN msg="no samples are stored" part=state error="the disk is full"`:                                   1,
		`level=WARN msg="no samples are stored" part=state error="the disk is full" repeated=59`:                       1,
		`level=WARN msg="no samples are stored" error="another reason"`:                                                1,
		`level=WARN msg="no samples are stored" error="another reason" repeated=59`:                                    1,
		`level=INFO msg="every SLO is counted"`:                                                                        100,
	} {
		if got[line] != want {
			t.Errorf("%d lines %s, want %d", got[line], line, want)
		}
		delete(got, line)
	}
	if len(got) > 0 {
		t.Errorf("there are also %v", got)
	}
}
