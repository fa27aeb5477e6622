package pagerduty

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"burnline/alerting"
)

// maxAnswer is how much of an answer is read, maxKept how much of it is kept.
const (
	maxAnswer = 64 << 10
	maxKept   = 400
)

// answer is what PagerDuty writes back.
type answer struct {
	Status  string   `json:"status"`
	Message string   `json:"message"`
	Errors  []string `json:"errors"`
	Dedup   string   `json:"dedup_key"`
}

// judge says what an answer means. Only 202 with JSON is acceptance: a 200 is
// the page of some proxy.
func judge(status int, header http.Header, body []byte, now time.Time) alerting.Result {
	a, isJSON := decode(body)
	line := a.line(status, body, isJSON)
	switch {
	case status == http.StatusAccepted && isJSON:
		return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: line}
	case status == http.StatusBadRequest && isJSON:
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: a.advice(line)}
	case status == http.StatusBadRequest:
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line + "; check the url of the integration"}
	case status == http.StatusRequestEntityTooLarge:
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line + "; the event was too large even after it was shortened"}
	case status/100 == 2:
		line += "; PagerDuty answers 202 with JSON, so a proxy may stand between"
	case status/100 == 3:
		line += "; redirects are not followed, as they would pass the routing key on: set url to PagerDuty's own address"
	case status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		line += "; this is not an answer of PagerDuty's Events API: check the url and any proxy"
	}
	// Whatever PagerDuty did not refuse itself may work later: a proxy that is
	// put right must not have cost a page.
	return alerting.Result{Verdict: alerting.VerdictRetry, RetryAfter: retryAfter(header.Get("Retry-After"), now), Answer: line}
}

// decode reads an answer; false when it is not a JSON object.
func decode(body []byte) (answer, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return answer{}, false
	}
	var a answer
	for name, to := range map[string]any{"status": &a.Status, "message": &a.Message, "errors": &a.Errors, "dedup_key": &a.Dedup} {
		if raw, ok := fields[name]; ok && json.Unmarshal(raw, to) != nil {
			continue // a field of another type is left out
		}
	}
	return a, true
}

// line is the answer in one line.
func (a answer) line(status int, body []byte, isJSON bool) string {
	text := oneLine(string(body))
	if isJSON {
		parts := []string{a.Status, a.Message, strings.Join(a.Errors, ", ")}
		kept := parts[:0]
		for _, p := range parts {
			if p != "" {
				kept = append(kept, p)
			}
		}
		text = oneLine(strings.Join(kept, ": "))
	}
	if text == "" {
		text = http.StatusText(status)
	}
	return fmt.Sprintf("%d %s", status, text)
}

// advice turns a refusal into what to do about it.
func (a answer) advice(line string) string {
	all := strings.ToLower(a.Message + " " + strings.Join(a.Errors, " "))
	if strings.Contains(all, "routing_key") || strings.Contains(all, "routing key") || strings.Contains(all, "service key") {
		return line + "; PagerDuty does not know the routing_key: copy the Integration Key of an Events API v2 integration and reload"
	}
	return line
}

// retryAfter reads a Retry-After header: seconds or an HTTP date. 0 when there
// is none or it can't be read.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// oneLine puts a text on one line of bounded length that is safe to print.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return cut(strings.Join(strings.Fields(s), " "), maxKept)
}
