package amapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/alerting/silences"
	"burnline/web/limits"
)

// handler answers the API. It is read-only after New.
type handler struct {
	o      Options
	bodies *limits.Bodies
	posts  *limits.Turns
	alerts *prometheus.CounterVec
}

// New returns the API's handler; it takes requests with their full path.
func New(o Options) (http.Handler, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &handler{
		o: o, posts: limits.NewTurns(o.MaxPosts, waitForTurn),
		bodies: limits.NewBodies(int(o.MaxBodies), int(o.MaxBodies/2), bodyPause, bodyTime),
	}
	h.alerts = promauto.With(o.Registerer).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_amapi_alerts_total",
		Help: "Alerts that were sent to the Alertmanager API, by outcome: stored, bad (they will never be taken), failed (to be sent again).",
	}, []string{"outcome"})
	for _, outcome := range []string{outcomeStored, outcomeBad, outcomeFailed} {
		h.alerts.WithLabelValues(outcome)
	}
	mux := http.NewServeMux()
	for _, e := range []struct {
		method, path string
		answer       func(*http.Request) (any, error)
	}{
		{http.MethodGet, "/status", h.status},
		{http.MethodGet, "/receivers", h.receivers},
		{http.MethodGet, "/silences", h.listSilences},
		{http.MethodPost, "/silences", h.postSilence},
		{http.MethodGet, "/silence/{id}", h.getSilence},
		{http.MethodDelete, "/silence/{id}", h.deleteSilence},
		{http.MethodPost, "/alerts", h.postAlerts},
		{http.MethodGet, "/alerts", h.listAlerts},
		{http.MethodGet, "/alerts/groups", h.listGroups},
	} {
		if o.Reader == nil && e.method == http.MethodGet && strings.HasPrefix(e.path, "/alerts") {
			continue
		}
		mux.HandleFunc(e.method+" "+o.Prefix+e.path, h.answering(e.answer))
	}
	return strangers{mux}, nil
}

// strangers answers what the API does not have as Alertmanager does, with JSON.
type strangers struct{ *http.ServeMux }

// ServeHTTP implements http.Handler.
func (s strangers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h, pattern := s.Handler(r); pattern == "" {
		h.ServeHTTP(&inJSON{ResponseWriter: w, path: r.URL.Path}, r)
		return
	}
	s.ServeMux.ServeHTTP(w, r)
}

// inJSON writes what a mux says of a request that it does not serve as JSON instead.
type inJSON struct {
	http.ResponseWriter
	path string
}

// WriteHeader implements http.ResponseWriter.
func (w *inJSON) WriteHeader(status int) {
	text := "path " + w.path + " was not found"
	if status == http.StatusMethodNotAllowed {
		text = "path " + w.path + " has no such method, but " + w.Header().Get("Allow")
	}
	w.Header().Set("Content-Type", "application/json")
	w.ResponseWriter.WriteHeader(status)
	_ = json.NewEncoder(w.ResponseWriter).Encode(map[string]any{"code": status, "message": text}) // a client that has gone can't be told
}

// Write implements http.ResponseWriter; the text of the mux is left out.
func (w *inJSON) Write(b []byte) (int, error) { return len(b), nil }

// badRequest is an error that is the client's.
type badRequest struct {
	status int
	text   string
}

// Error implements error.
func (b *badRequest) Error() string { return b.text }

func bad(text string) error { return &badRequest{http.StatusBadRequest, text} }

// answering answers with what the endpoint returns, as Alertmanager does: errors are a JSON
// string. An error that is nobody's fault asks to come again.
func (h *handler) answering(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := h.answered(w, r, answer)
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		status := http.StatusOK
		if err != nil {
			status, body = statusOf(err), err.Error()
		}
		switch {
		case status == http.StatusServiceUnavailable:
			header.Set("Retry-After", retryAfterSeconds)
			h.o.Logger.Warn("request of the Alertmanager API could not be answered", "method", r.Method, "path", r.URL.Path, "error", err)
		case status == http.StatusNotFound, body == nil:
			w.WriteHeader(status)
			return
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // a client that has gone can't be told
	}
}

// answered reads the body of a request and lets the endpoint answer it. The body is there before the
// endpoint waits for anything.
func (h *handler) answered(w http.ResponseWriter, r *http.Request, answer func(*http.Request) (any, error)) (any, error) {
	forget, err := h.bodies.Read(w, r, limits.ClientOf(r), h.o.MaxBody)
	switch {
	case errors.Is(err, limits.ErrBusy), errors.Is(err, limits.ErrSlow):
		return nil, err
	case err != nil:
		return nil, bad(err.Error())
	}
	defer forget()
	ctx, cancel := context.WithTimeout(r.Context(), waitForTurn+storeTimeout)
	defer cancel()
	r = r.WithContext(ctx)
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, h.o.MaxBody)
	}
	return answer(r)
}

// statusOf returns the status of an error.
func statusOf(err error) int {
	var client *badRequest
	switch {
	case errors.As(err, &client):
		return client.status
	case errors.Is(err, silences.ErrUnknown):
		return http.StatusNotFound
	}
	return http.StatusServiceUnavailable
}

// flag reads a parameter that is true or false; all of Alertmanager's are true by default.
func flag(q url.Values, name string) (bool, error) {
	text := q.Get(name)
	if text == "" {
		return true, nil
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, bad(name + " in query must be of type boolean: " + strconv.Quote(text))
	}
	return value, nil
}

// flags reads several of them in order.
func flags(q url.Values, names ...string) ([]bool, error) {
	values := make([]bool, len(names))
	for i, name := range names {
		var err error
		if values[i], err = flag(q, name); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// matchersOf reads the filters of a request.
func matchersOf(q url.Values) (labels.Matchers, error) {
	var all labels.Matchers
	for _, text := range q["filter"] {
		m, err := silences.ParseMatcher(text)
		if err != nil {
			return nil, bad("bad matcher format: " + text + ": " + err.Error())
		}
		all = append(all, m)
	}
	return all, nil
}

// receiverOf reads which receivers are asked for; nil is all. receiver_matchers ask for labels
// of receivers, of which ours have none.
func receiverOf(q url.Values) (func(string) bool, error) {
	for _, text := range q["receiver_matchers"] {
		m, err := silences.ParseMatcher(text)
		if err != nil {
			return nil, bad("failed to parse receiver_matchers param: " + err.Error())
		}
		if !m.Matches("") {
			return func(string) bool { return false }, nil
		}
	}
	text := q.Get("receiver")
	if text == "" {
		return nil, nil
	}
	re, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		return nil, bad("failed to parse receiver param: " + err.Error())
	}
	return re.MatchString, nil
}
