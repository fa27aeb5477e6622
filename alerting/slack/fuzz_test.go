package slack

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/alerting/post"
)

// FuzzPress feeds any body: it is read or refused, and who pressed is one short line.
func FuzzPress(f *testing.F) {
	f.Add([]byte(`payload={"type":"block_actions","user":{"name":"ana"},"actions":[{"action_id":"acknowledge-incident","value":"k1"}]}`))
	f.Add([]byte("payload=%7B%22user%22%3A%7B%22id%22%3A%22%5Cu0000%22%7D%7D"))
	f.Add([]byte("%zz&&=\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePress(body)
		if err != nil {
			return
		}
		if p.by == "" || strings.ContainsAny(p.by, "\n\r\x00") || utf8.RuneCountInString(p.by) > maxWho {
			t.Errorf("pressed by %q", p.by)
		}
		for _, key := range p.keys {
			if key == "" {
				t.Error("an incident without a key")
			}
		}
	})
}

// FuzzAnswer feeds any answer of Slack's: it is always judged, in one line, with a receipt that can be read back.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"ok":true,"channel":"C1","ts":"1.2"}`)
	f.Add(200, `{"ok":false,"error":"invalid_auth"}`)
	f.Add(429, "\x00\n")
	f.Add(200, `{"ok":true,"channel":" ","ts":"\n"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		a := post.Answer{Status: status, Body: []byte(body), Now: time.Unix(1e9, 0)}
		api, _ := judgeAPI(a)
		for _, r := range []alerting.Result{api, judgeWebhook(a)} {
			if r.Verdict == "" || r.Answer == "" || strings.ContainsAny(r.Answer, "\n\r\x00") {
				t.Errorf("judged as %+v", r)
			}
			if channel, ts, ok := strings.Cut(r.Receipt, " "); r.Receipt != "" && (!ok || channel == "" || ts == "" || strings.ContainsAny(ts, " \n")) {
				t.Errorf("receipt %q", r.Receipt)
			}
		}
	})
}
