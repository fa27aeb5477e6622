package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestHandshakesThatBreakOffAreToldOnceAMinute(t *testing.T) {
	var log bytes.Buffer
	h := &handshakes{logger: slog.New(slog.NewTextHandler(&log, nil))}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, later := range []time.Duration{0, time.Second, 59 * time.Second, time.Minute, 61 * time.Second} {
		if !h.say(brokenHandshake+"192.0.2.1:4711: tls: failed to verify certificate: x509: certificate has expired", at.Add(later)) {
			t.Fatal("it is taken for something else")
		}
	}
	if text := log.String(); strings.Count(text, "level=WARN") != 2 || strings.Count(text, "certificate has expired") != 2 {
		t.Errorf("it says\n%s", text)
	}

	log.Reset()
	h = &handshakes{logger: slog.New(slog.NewTextHandler(&log, nil))}
	server, collector := slog.NewLogLogger(h.around(), slog.LevelDebug), slog.New(h.around())
	server.Print(brokenHandshake + "192.0.2.1:4711: EOF\n")
	server.Print("http: superfluous response.WriteHeader call")
	collector.Error("collector", "message", brokenHandshake+"192.0.2.1:4712: EOF")
	collector.With("a", "b").Error("collector", "message", "the disk is full")
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "192.0.2.1:4711: EOF") || !strings.Contains(text, "level=ERROR msg=collector a=b message=\"the disk is full\"") {
		t.Errorf("it says\n%s", text)
	}
}
