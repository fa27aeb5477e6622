package promapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"burnline/web/limits"
)

// New returns the API's handler; it takes requests with their full path.
// Endpoints that change or delete stored data don't exist, and no answer allows
// other origins.
func New(o Options) (http.Handler, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &handler{
		o: o, queries: limits.NewTurns(o.MaxQueries, waitForTurn), writes: limits.NewTurns(o.MaxWrites, waitForTurn),
		forms:  limits.NewBodies(maxForms, maxForms/2, bodyPause, bodyTime),
		bodies: limits.NewBodies(int(o.MaxBodies), int(o.MaxBodies/2), bodyPause, bodyTime),
	}
	figures := newFigures(o.Registerer)
	h.remoteWrite = newRemoteWrite(o, figures)
	if o.OTLP != nil {
		h.otlp = http.StripPrefix(o.Prefix+"/otlp", o.OTLP)
	}
	h.upstream = newUpstream(o)
	h.read = h.upstream
	if o.Backend != nil {
		h.read = newProxy(o)
	}
	return h, nil
}

type handler struct {
	o                 Options
	queries, writes   *limits.Turns
	forms, bodies     *limits.Bodies
	remoteWrite, otlp http.Handler
	// upstream answers what Burnline knows itself; read answers queries: the
	// same, or the backend.
	upstream, read http.Handler
}

// isReadable reports whether the path is one of the endpoints that only read.
// All others are answered 404, so that a new or forgotten one is never exposed by
// accident, here or at the backend.
func isReadable(path string) bool {
	switch path {
	case "/query", "/query_range", "/query_exemplars", "/format_query", "/parse_query", "/labels", "/series", "/read",
		"/metadata", "/targets", "/targets/metadata", "/scrape_pools", "/alertmanagers", "/features",
		"/status/buildinfo", "/status/runtimeinfo", "/status/tsdb", "/status/tsdb/blocks", "/status/flags",
		"/status/config", "/status/walreplay", "/status/self_metrics":
		return true
	}
	name, ok := strings.CutPrefix(path, "/label/")
	if !ok {
		return false
	}
	name, ok = strings.CutSuffix(name, "/values")
	name, err := url.PathUnescape(name)
	return ok && err == nil && name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), h.o.Prefix)
	switch {
	case !ok:
		fail(w, http.StatusNotFound, "not_found", "no such endpoint")
	case path == "/write":
		h.write(w, r, h.remoteWrite)
	case path == "/otlp/v1/metrics" && h.otlp != nil:
		h.write(w, r, h.otlp)
	case path == "/rules":
		h.rules(w, r)
	case path == "/alerts":
		h.alerts(w)
	case path == "/status/config" || path == "/status/flags":
		r = r.Clone(r.Context())
		r.Header.Del("Origin")
		h.upstream.ServeHTTP(w, r)
	case path == "/metadata" && h.o.Local != nil:
		h.metadata(w, r)
	case !isReadable(path):
		fail(w, http.StatusNotFound, "not_found", "no such endpoint; Burnline offers the reading part of the Prometheus API, remote write and OTLP")
	default:
		h.query(w, r)
	}
}

// write bounds what is written at once. The body is there before its turn is taken, so that a sender who
// stops within it keeps nobody else from writing.
func (h *handler) write(w http.ResponseWriter, r *http.Request, next http.Handler) {
	forget, ok := read(w, r, h.bodies, h.o.MaxBody)
	if !ok {
		return
	}
	defer forget()
	h.inTurn(w, r, h.writes, next)
}

// read reads the body of a request; false where it can't be, which is then answered.
func read(w http.ResponseWriter, r *http.Request, bodies *limits.Bodies, most int64) (forget func(), ok bool) {
	forget, err := bodies.Read(w, r, limits.ClientOf(r), most)
	switch {
	case errors.Is(err, limits.ErrBusy), errors.Is(err, limits.ErrSlow): // both are sent again after a 503
		w.Header().Set("Retry-After", retryAfterSeconds)
		fail(w, http.StatusServiceUnavailable, "unavailable", err.Error())
	case err != nil:
		fail(w, http.StatusBadRequest, "bad_data", err.Error())
	}
	return forget, err == nil
}

// query bounds what one reader can ask for.
func (h *handler) query(w http.ResponseWriter, r *http.Request) {
	forget, ok := read(w, r, h.forms, maxQueryForm)
	if !ok {
		return
	}
	defer forget()
	ctx, cancel := context.WithTimeout(r.Context(), h.o.QueryTimeout)
	defer cancel()
	r = r.Clone(ctx)
	r.Header.Del("Origin") // upstream answers it with CORS headers
	if len(r.URL.RawQuery) > maxQueryForm {
		fail(w, http.StatusRequestURITooLong, "bad_data", tooLarge(maxQueryForm).Error())
		return
	}
	form, err := readAll(r.Body, maxQueryForm)
	if err != nil { // upstream would take a form that is cut off for an empty one
		fail(w, statusOf(err), "bad_data", err.Error())
		return
	}
	// What /status/ answers is small, and upstream refuses a high limit there.
	if h.o.Local != nil && !strings.HasPrefix(r.URL.EscapedPath(), h.o.Prefix+"/status/") {
		form = bound(r, form, h.o.MaxSeries)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(form)), int64(len(form))
	h.inTurn(w, r, h.queries, h.read)
}

// inTurn lets a bounded number of requests through at once.
func (h *handler) inTurn(w http.ResponseWriter, r *http.Request, turns *limits.Turns, next http.Handler) {
	leave, err := turns.Take(r.Context())
	switch {
	case errors.Is(err, limits.ErrBusy):
		w.Header().Set("Retry-After", retryAfterSeconds)
		fail(w, http.StatusServiceUnavailable, "unavailable", err.Error())
	case err == nil:
		defer leave()
		next.ServeHTTP(w, r)
	}
}

// answer is the shape of every JSON answer of the Prometheus API.
type answer struct {
	Status    string `json:"status"`
	Data      any    `json:"data,omitempty"`
	ErrorType string `json:"errorType,omitempty"`
	Error     string `json:"error,omitempty"`
}

// fail answers with an error as the Prometheus API does.
func fail(w http.ResponseWriter, code int, kind, message string) {
	reply(w, code, answer{Status: "error", ErrorType: kind, Error: message})
}

func reply(w http.ResponseWriter, code int, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(a) // a client that has gone can't be told
}
