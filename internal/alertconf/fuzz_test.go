package alertconf

import (
	"testing"
	"time"

	"burnline/slo"
)

// FuzzRead reads anything as a file of Alertmanager's. Where nothing is wrong with it, it routes every
// alert, and each of its matchers is what it was read as.
func FuzzRead(f *testing.F) {
	f.Add([]byte("route: {receiver: a, group_by: ['...'], routes: [{match: {a: b}, match_re: {c: 'd|e'}, matchers: ['f!=\"g\"'], continue: yes}]}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h'}]}]"))
	f.Add([]byte("route: &r {receiver: a, routes: [{<<: *r}]}\nreceivers: [{name: a, email_configs: [{to: x}], slack_configs: [null]}]\ntemplates: ['[']"))
	f.Add([]byte("time_intervals: [{name: n, time_intervals: [{times: [{start_time: '09:00', end_time: '24:00'}], weekdays: ['monday:friday'], days_of_month: ['-3:-1'], months: ['may:6'], years: [2026], location: UTC}]}]"))
	f.Add([]byte("global: {http_config: {tls_config: {min_version: TLS12}, http_headers: {A: {values: [b]}}, proxy_url: 'http://u:p@h'}, smtp_require_tls: off}\ninhibit_rules: [{source_match: {a: b}, target_matchers: [c=d], equal: [e]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, findings := read(data, "f.yml")
		if len(findings.Errors()) > 0 {
			return
		}
		c := file.Routing(nil)
		if err := c.Validate(); err != nil {
			t.Fatalf("nothing is wrong with the file, and it can't be routed by: %v", err)
		}
		if len(c.Ways(slo.NewLabels("a", "b", "c", "d"), time.Unix(0, 0))) == 0 {
			t.Fatal("an alert goes nowhere")
		}
	})
}
