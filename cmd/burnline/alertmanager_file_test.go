package main

import (
	"net/http"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// TestAnAlertmanagerFileIsInForceAndReadAgain names a whole file of Alertmanager's and
// changes it beside the running server.
func TestAnAlertmanagerFileIsInForceAndReadAgain(t *testing.T) {
	t.Parallel()
	s := &story{t: t, dir: t.TempDir(), web: freeAddress(t), stand: pagerduty.New(pagerduty.Options{})}
	s.write("burnline.yaml", "alerting: {config: am/alertmanager.yml}\n")
	file := func(name, key string) string {
		return "route: {receiver: " + name + ", group_by: [alertname], group_wait: 30s}\n" +
			"receivers:\n  - name: " + name + "\n    pagerduty_configs: [{routing_key_file: " + key + "}]\n"
	}
	s.write("am/key", routingKey)
	s.write("am/alertmanager.yml", file("night-shift", "key"))
	s.server = s.process("serve", "--config", s.dir+"/burnline.yaml", "--data", s.dir+"/data", "--listen", s.web, "--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0")
	t.Cleanup(func() { s.server.Kill() })
	s.start()
	s.eventually("its receiver is in force", func() bool { return strings.Contains(s.page("/system"), "night-shift") })

	s.write("am/alertmanager.yml", file("day-shift", "key"))
	s.eventually("the saved file is in force by itself", func() bool { return strings.Contains(s.page("/system"), "day-shift") })

	s.write("am/alertmanager.yml", file("nobody", "nowhere"))
	if code, text := s.post("/-/reload"); code == http.StatusOK || !strings.Contains(text, "alertmanager.yml:4: receivers[0].pagerduty_configs[0]: read routing_key_file") {
		t.Errorf("reloading a bad file answers %d: %s", code, text)
	}
	if !strings.Contains(s.page("/system"), "day-shift") {
		t.Error("the receiver went with the good file")
	}
	s.write("am/alertmanager.yml", file("mended", "key"))
	s.eventually("the mended file is in force by itself", func() bool { return strings.Contains(s.page("/system"), "mended") })
}
