package routetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"burnline/alerting"
)

// Delivery is what one receiver was told of one incident at one moment.
type Delivery struct {
	At       time.Time       `json:"at"`
	Receiver string          `json:"receiver"`
	Action   alerting.Action `json:"action"`
	// Key is the incident's, SLO its SLO where it has one, and Labels what routes saw.
	Key    string            `json:"key"`
	SLO    string            `json:"slo,omitempty"`
	Labels map[string]string `json:"labels"`
	// Texts are all texts of what was sent, by all integrations.
	Texts []string `json:"texts"`
	// Answer is the receiver's, where it did not take it.
	Answer         string `json:"answer,omitempty"`
	TemplateErrors int    `json:"template_errors,omitempty"`

	named bool
	// alerts are the labels of the outside alerts that were sent along.
	alerts []map[string]string
}

// Summary is the first line of what the delivery said.
func (d *Delivery) Summary() string {
	if len(d.Texts) == 0 {
		return ""
	}
	return d.Texts[0]
}

// tape keeps what senders send, and answers in the receivers' place. One send goes on at a
// time.
type tape struct {
	now func() time.Time

	mu   sync.Mutex
	kind string
	// sent are the texts of the send that goes on.
	sent []string
	all  []*Delivery
}

// lookup wraps senders, so that the tape knows what they send.
func (t *tape) wrap(s alerting.Sender) alerting.Sender { return recorded{s, t} }

// recorded is a sender whose messages are kept.
type recorded struct {
	alerting.Sender
	tape *tape
}

// Send implements alerting.Sender.
func (r recorded) Send(ctx context.Context, row alerting.Row) alerting.Result {
	t := r.tape
	t.mu.Lock()
	t.kind, _, _ = strings.Cut(row.Integration, "/")
	t.sent = nil
	t.mu.Unlock()
	result := r.Sender.Send(ctx, row)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(row, result)
	return result
}

// keep joins what several integrations of a receiver are told of the same.
func (t *tape) keep(row alerting.Row, result alerting.Result) {
	at := t.now()
	i := slices.IndexFunc(t.all, func(d *Delivery) bool {
		return d.At.Equal(at) && d.Receiver == row.Receiver && d.Key == row.Key && d.Action == row.Action
	})
	if i < 0 {
		d := &Delivery{At: at, Receiver: row.Receiver, Action: row.Action, Key: row.Key, Labels: map[string]string{}, Texts: []string{row.Message.Summary}}
		for _, l := range row.Message.Labels {
			d.Labels[l.Name] = l.Value
		}
		for _, a := range row.Alerts {
			labels := map[string]string{}
			for _, l := range a.Labels {
				labels[l.Name] = l.Value
			}
			d.alerts = append(d.alerts, labels)
		}
		d.SLO = d.Labels["slo"]
		t.all = append(t.all, d)
		i = len(t.all) - 1
	}
	d := t.all[i]
	d.Texts = append(d.Texts, t.sent...)
	d.TemplateErrors += result.TemplateErrors
	if result.Verdict != alerting.VerdictAccepted {
		d.Answer = result.Answer
	}
}

// RoundTrip implements http.RoundTripper.
func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("read what is sent: %w", err)
		}
		_ = r.Body.Close() // it was read
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = append(t.sent, texts(body)...)
	status, answer := http.StatusAccepted, `{"status":"success","message":"ok","result":"ok","ok":true,"ts":"1.1","channel":"C1","dedup_key":"k"}`
	switch {
	case t.kind == "slack" && !strings.Contains(r.URL.Path, "/api/"), t.kind == "webhook":
		status, answer = http.StatusOK, "ok"
	case t.kind == "slack", t.kind == "msteams":
		status = http.StatusOK
	}
	if t.kind == "msteams" {
		answer = "1"
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r,
	}, nil
}

// mail keeps a mail: its subject and its parts.
func (t *tape) mail(m *mail.Msg) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = append(t.sent, m.GetGenHeader(mail.HeaderSubject)...)
	for _, part := range m.GetParts() {
		if content, err := part.GetContent(); err == nil {
			t.sent = append(t.sent, string(content))
		}
	}
}

// texts are the texts of a JSON body, in order; of another one the body itself.
func texts(body []byte) []string {
	d := json.NewDecoder(bytes.NewReader(body))
	var all []string
	secret := false
	isKey, stack := false, []json.Delim{}
	for {
		token, err := d.Token()
		if err != nil {
			if len(all) == 0 && len(body) > 0 {
				return []string{string(body)}
			}
			return all
		}
		inObject := len(stack) > 0 && stack[len(stack)-1] == '{'
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				stack = append(stack, v)
				isKey = v == '{'
				continue
			}
			stack = stack[:len(stack)-1]
			isKey = len(stack) > 0 && stack[len(stack)-1] == '{'
			continue
		case string:
			switch {
			case inObject && isKey:
				secret = v == "routing_key"
			case !secret:
				all = append(all, v)
			}
		}
		if inObject {
			isKey = !isKey
		}
	}
}
