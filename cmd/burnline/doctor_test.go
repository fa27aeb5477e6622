package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
	"burnline/internal/harness/smtp"
	"burnline/storage/metrics/remote"
	"burnline/web"
)

// sickSLOs are an SLO that nothing matches, one whose failures have no such label, and one whose page goes to a receiver without anybody.
var sickSLOs = strings.NewReplacer("name: availability", "name: typo", "shop_requests_total", "http_requests_total", `job="shop"`, `srv="shop"`).Replace(shortSLO) + "---" +
	strings.NewReplacer("name: availability", "name: mute", `code="500"`, `status="500"`).Replace(shortSLO) + "---" +
	strings.NewReplacer("name: availability", "name: unheard", "team: shop", "team: nobody").Replace(shortSLO)

// ahead writes a sample of a job whose clock is ahead of ours.
func ahead(t *testing.T, base, job string, by time.Duration) {
	t.Helper()
	store, err := remote.Open(remote.Options{WriteURL: base + "/prometheus/api/v1/write", QueryURL: base + "/prometheus", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	app := store.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings("__name__", "up", "job", job), 0, time.Now().Add(by).UnixMilli(), 1, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

// mailServer takes mails of whoever signs in with the password "right".
func mailServer(t *testing.T) string {
	t.Helper()
	server, err := smtp.Start(smtp.Options{Username: "ada", Password: "right", Mechanisms: []string{"PLAIN"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if got := server.Mails(); len(got) > 0 {
			t.Errorf("looking at it sent mails: %v", got)
		}
		_ = server.Close()
	})
	return server.Addr()
}

func TestDoctorSaysWhetherAPageWouldReachSomebody(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead || r.Header.Get("Authorization") != "Basic dTpw" {
			sent.Add(1)
		}
		w.Header().Set("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
	}))
	t.Cleanup(late.Close)
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", shortSLO)
	s.write("slos/sick.yaml", sickSLOs)
	s.write("key", "https://hooks.example.com/secret")
	s.configure(fmt.Sprintf(`
alerting:
  global: {pagerduty_url: %[1]q}
  receivers:
    - {name: oncall, pagerduty_configs: [{routing_key: %[2]s}]}
    - {name: dead, webhook_configs: [{url: "http://%[3]s/hook?secret=xyz"}]}
    - {name: late, webhook_configs: [{url: %[4]q, http_config: {basic_auth: {username: u, password: p}}}]}
    - {name: keyless, slack_configs: [{api_url_file: key}]}
    - {name: mail, email_configs: [{to: a@example.com, from: b@example.com, smarthost: "%[5]s", require_tls: false, auth_username: ada, auth_password: right}, {to: a@example.com, from: b@example.com, smarthost: "%[5]s", require_tls: false, auth_username: ada, auth_password: wrong}]}
    - {name: void}
  route:
    receiver: oncall
    routes:
      - {receiver: void, matchers: ['team="nobody"']}
      - {receiver: dead, matchers: ['team="x"']}
      - {receiver: late, matchers: ['team="y"']}
backup: {to: %[6]q, every: 24h}
`, listen(t, s.stand)+pagerduty.Path, routingKey, freeAddress(t), late.URL+"/hook", mailServer(t), filepath.Join(s.dir, "backups")))
	if err := os.Mkdir(filepath.Join(s.dir, "backups"), 0o750); err != nil {
		t.Fatal(err)
	}
	s.start()
	if err := os.Remove(filepath.Join(s.dir, "key")); err != nil {
		t.Fatal(err)
	}
	base := "http://" + s.web
	lastHours(t, base+"/prometheus/api/v1/write", base+"/prometheus", map[string]float64{
		"shop_requests_total{job=shop,code=200,instance=a}": 1, "http_requests_total{job=shop,code=200,instance=b}": 1,
	})
	ahead(t, base, "hasty", 2*time.Minute)
	var found said
	patience.Until(t, "every SLO has read its past", func() bool {
		found = burnline(t, "doctor", "--server", base)
		return !strings.Contains(found.out, "still being read")
	})
	found.wants(t, 1,
		"ok       shop: 2 instances, ", "samples/s, the last one ",
		"problem  shop/typo: nothing that arrives matches it, so it can't page", "spec.sli.events.total: no series of http_requests_total has the label srv", "→ its labels are code, instance, job",
		"ok       oncall pagerduty/0: http://", "problem  dead webhook/0: http://", "connection refused",
		"ok       late webhook/0: ", "problem  keyless slack/0: no page can be made: ", "it agrees with that of",
		"problem  shop/unheard: its page goes nowhere: the receiver void has no integration", "ok       oncall: gets the pages of 3 SLOs", "warning  shop/mute: ", "spec.sli.events.bad: no series of shop_requests_total has the label status", "warning  keyless: no route leads to this receiver",
		"ok       mail email/0: smtp://", "problem  mail email/1: smtp://", "535",
		"warning  hasty: its newest sample is 1m", "ahead of this machine's clock", "problem  "+filepath.Join(s.dir, "key")+": it can't be read: no such file or directory",
		"ok       sign-in: it is off", "backup: ", "copy of the state", filepath.Join(s.dir, "backups")+": ",
		"warning  heartbeat: there is none", "warning  drill: none is scheduled", "are free", "ok       state database:", "warning  server.external_url: pages link to http://127.0.0.1:",
	)
	if strings.Contains(found.out, "xyz") || sent.Load() > 0 || len(s.stand.Events()) > 0 {
		t.Errorf("a secret was shown, or %d messages were sent, or %d paged:\n%s", sent.Load(), len(s.stand.Events()), found.out)
	}
	var d diagnosis
	again := burnline(t, "doctor", "--server", base, "-o", "json")
	if err := json.Unmarshal([]byte(again.out), &d); err != nil || again.code != 1 || d.Problems == 0 || d.Findings[0].Level != web.DiagnosisOK {
		t.Errorf("exit code %d, %v: %s", again.code, err, again.out)
	}
	burnline(t, "doctor", "--server", "http://"+freeAddress(t)).wants(t, 2, "is burnline serve running there")
}
