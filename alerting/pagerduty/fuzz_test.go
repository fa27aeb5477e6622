package pagerduty

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
)

// FuzzJudge feeds any answer: it is always judged, and always in one line.
func FuzzJudge(f *testing.F) {
	f.Add(202, `{"status":"success","message":"Event processed","dedup_key":"k"}`, "")
	f.Add(400, `{"status":"invalid event","errors":["invalid routing_key"]}`, "")
	f.Add(429, `{"errors":{"not":"a list"}}`, "Wed, 21 Oct 2026 07:28:00 GMT")
	f.Add(503, "\x00\xff\n<html>", "-5")
	f.Fuzz(func(t *testing.T, status int, body, retry string) {
		header := http.Header{"Retry-After": {retry}}
		r := judge(post.Answer{Status: status, Header: header, Body: []byte(body), Now: time.Unix(1e9, 0)})
		if r.Verdict == "" || r.Answer == "" || r.RetryAfter < 0 {
			t.Errorf("judged as %+v", r)
		}
		if strings.ContainsAny(r.Answer, "\n\r\x00") || !utf8.ValidString(r.Answer) || utf8.RuneCountInString(r.Answer) > post.MaxKept+200 {
			t.Errorf("the answer is no line: %q", r.Answer)
		}
		if r.Verdict == alerting.VerdictAccepted && (status != 202 || !json.Valid([]byte(body))) {
			t.Errorf("%d %q was taken for an acceptance", status, body)
		}
	})
}

// FuzzEncode feeds any message: the event is valid JSON within the limit.
func FuzzEncode(f *testing.F) {
	f.Add("summary", "name", "value", 40, 3000)
	f.Add(strings.Repeat("ä", 2000), "\xff", "</script>\u2028", 1, 100)
	f.Fuzz(func(t *testing.T, summary, name, value string, times, limit int) {
		times = min(max(times, 0), 200)
		limit = max(limit, 16_000)     // above what is never shortened
		value = post.Head(value, 2000) // repeated below: 40 MB of details at the most
		row := alerting.Row{Key: "k", Action: alerting.ActionTrigger, Message: alerting.Message{Summary: summary, Source: post.Cut(name, 100)}}
		for i := range times {
			row.Message.Details = append(row.Message.Details, alerting.Detail{Name: post.Cut(name, 50) + strings.Repeat("i", i), Value: strings.Repeat(value, i)})
		}
		body, err := DefaultConfig().newEvent(row, strings.Repeat("k", 32), render.NewFields(nil, row)).encode(limit)
		if err != nil || !json.Valid(body) || len(body) > limit {
			t.Errorf("%d bytes with a limit of %d, valid %v: %v", len(body), limit, json.Valid(body), err)
		}
	})
}
