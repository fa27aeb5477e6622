package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"burnline/internal/redact"
)

// answer is a whole answer of the query API; anything less is an error.
type answer struct {
	// Type is matrix, vector, scalar or string.
	Type   string
	Result json.RawMessage
}

// query sends a query and checks that the answer is whole.
func (c *client) query(ctx context.Context, form url.Values) (answer, error) {
	path := "/api/v1/query"
	if form.Has("step") {
		path = "/api/v1/query_range"
	}
	body, err := c.post(ctx, path, form)
	if err != nil {
		return answer{}, err
	}
	a, err := parseAnswer(body)
	if err != nil {
		return answer{}, fmt.Errorf("read from the metric backend at %s: %w", redact.URL(c.queryURL.JoinPath(path)), err)
	}
	return a, nil
}

// parseAnswer reads an answer of the query API. Warnings and partial answers
// are errors: what is missing must never look healthy.
func parseAnswer(body []byte) (answer, error) {
	var a struct {
		Status    string   `json:"status"`
		Error     string   `json:"error"`
		Warnings  []string `json:"warnings"`
		IsPartial bool     `json:"isPartial"`
		Data      struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return answer{}, fmt.Errorf("the answer is not that of a Prometheus API (%w); check query_url", err)
	}
	switch {
	case a.Status != "success":
		return answer{}, fmt.Errorf("the query was refused: %s", oneLine([]byte(a.Error)))
	case a.IsPartial:
		return answer{}, errPartial
	case len(a.Warnings) > 0:
		return answer{}, fmt.Errorf("%w: %s", errNotWhole, oneLine([]byte(strings.Join(a.Warnings, "; "))))
	case a.Data.ResultType == "" || len(a.Data.Result) == 0:
		return answer{}, errors.New("the answer holds no result; check query_url")
	}
	return answer{Type: a.Data.ResultType, Result: a.Data.Result}, nil
}

// matrix decodes an answer that must be a matrix.
func (a answer) matrix() (model.Matrix, error) {
	if a.Type != "matrix" {
		return nil, fmt.Errorf("decode answer: got a %s, want a matrix", oneLine([]byte(a.Type)))
	}
	var m model.Matrix
	if err := json.Unmarshal(a.Result, &m); err != nil {
		return nil, fmt.Errorf("decode answer: %w", err)
	}
	for _, s := range m {
		if s == nil {
			return nil, errors.New("decode answer: a series is null")
		}
	}
	return m, nil
}

// ask sends a query, counts it and takes its time.
func (s *Store) ask(ctx context.Context, form url.Values) (answer, error) {
	start := time.Now()
	a, err := s.client.query(ctx, form)
	s.m.queries.Observe(time.Since(start).Seconds())
	if err != nil {
		s.m.queryErr.Inc()
	}
	return a, err
}

// tooMuch reports whether a query failed because it touches more than the
// backend allows, so that a shorter one may pass.
func tooMuch(err error) bool {
	var e *statusError
	if !errors.As(err, &e) {
		return false
	}
	switch e.code {
	case http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusGatewayTimeout:
		return true
	}
	t := strings.ToLower(e.text)
	return strings.Contains(t, "too many") || strings.Contains(t, "limit") || strings.Contains(t, "timeout") || strings.Contains(t, "timed out")
}
