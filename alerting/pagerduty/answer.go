package pagerduty

import (
	"encoding/json"
	"net/http"
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
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
func judge(got post.Answer) alerting.Result {
	a, isJSON := decode(got.Body)
	line, status := a.line(got, isJSON), got.Status
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
	return got.Retry(line)
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
func (a answer) line(got post.Answer, isJSON bool) string {
	if !isJSON {
		return got.Line(string(got.Body))
	}
	parts := []string{a.Status, a.Message, strings.Join(a.Errors, ", ")}
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return got.Line(strings.Join(kept, ": "))
}

// advice turns a refusal into what to do about it.
func (a answer) advice(line string) string {
	all := strings.ToLower(a.Message + " " + strings.Join(a.Errors, " "))
	if strings.Contains(all, "routing_key") || strings.Contains(all, "routing key") || strings.Contains(all, "service key") {
		return line + "; PagerDuty does not know the routing_key: copy the Integration Key of an Events API v2 integration and reload"
	}
	return line
}
