package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/harness/webhook"
)

// A heartbeat reaches whoever waits for it, and health shows it.
func TestAHeartbeatIsSentWhileMessagesAre(t *testing.T) {
	t.Parallel()
	deadman := webhook.New(webhook.Options{})
	address := listen(t, deadman)
	s := newStory(t, nil)
	config, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("burnline.yaml", strings.NewReplacer(
		"alerting:\n", "alerting:\n  heartbeat: {receiver: deadman, every: 10s}\n",
		"  receivers: [", "  receivers: [{name: deadman, webhook_configs: [{url: '"+address+"'}]}, ",
	).Replace(string(config)))
	s.eventually("two heartbeats arrive", func() bool { return len(deadman.Messages()) >= 2 })
	beat := deadman.Messages()[0]
	if beat.CommonLabels["alertname"] != "BurnlineHeartbeat" || beat.Receiver != "deadman" {
		t.Errorf("the heartbeat is %+v", beat)
	}
	s.eventually("health shows when one was delivered", func() bool {
		var health struct {
			Components []struct{ Name, State, Reason string }
		}
		if s.get("/api/v1/health", &health) != nil {
			return false
		}
		for _, c := range health.Components {
			if c.Name == "heartbeat" {
				return c.State == "ok" && strings.Contains(c.Reason, "last delivered to deadman at ")
			}
		}
		return false
	})
	if n := len(s.stand.Events()); n != 0 {
		t.Errorf("PagerDuty got %d events of heartbeats", n)
	}
}
