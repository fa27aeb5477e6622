package tempo

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// Traces are the kept traces. What isn't kept fails with tracesearch.ErrNotFound.
type Traces interface {
	Trace(ctx context.Context, id pcommon.TraceID) (ptrace.Traces, error)
	Search(ctx context.Context, q tracesearch.Query) (tracesearch.Answer, error)
	Fields(ctx context.Context, q tracesearch.Query) ([]tracesearch.Field, error)
	Values(ctx context.Context, q tracesearch.Query, f tracesearch.Field) ([]tracesearch.Known, error)
}

// Options say what the API stands on.
type Options struct {
	// Traces is required.
	Traces Traces
	// Prefix is the path that the handler is mounted under. Default /tempo.
	Prefix string
	// Version is Burnline's version.
	Version string
	// Logger takes failures of the store. Default: none.
	Logger *slog.Logger
}

// answerTime is how long a request may take, with its turn at the store.
const answerTime = 20 * time.Second

type handler struct{ o Options }

// New returns the API's handler; it takes requests with their full path.
func New(o Options) (http.Handler, error) {
	if o.Traces == nil {
		return nil, errors.New("tempo: Options.Traces is required")
	}
	if o.Prefix == "" {
		o.Prefix = "/tempo"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	h := &handler{o: o}
	mux := http.NewServeMux()
	for _, e := range []struct {
		path   string
		answer func(w http.ResponseWriter, r *http.Request) error
	}{
		{"/ready", h.echo("ready")},
		{"/api/echo", h.echo("echo")},
		{"/api/status/buildinfo", h.buildInfo},
		{"/api/traces/{id}", h.trace},
		{"/api/v2/traces/{id}", h.traceV2},
		{"/api/search", h.search},
		{"/api/search/tags", h.tags},
		{"/api/v2/search/tags", h.tagsV2},
		{"/api/search/tag/{tag}/values", h.values},
		{"/api/v2/search/tag/{tag}/values", h.valuesV2},
	} {
		mux.HandleFunc("GET "+o.Prefix+e.path, h.answering(e.answer))
	}
	return mux, nil
}

// badRequest is an error that is the client's.
type badRequest struct{ text string }

// Error implements error.
func (b *badRequest) Error() string { return b.text }

func bad(text string) error { return &badRequest{text} }

// answering turns errors into answers of plain text, as Tempo does.
func (h *handler) answering(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		err := answer(w, r.WithContext(ctx))
		var mine *badRequest
		var syntax *tracesearch.SyntaxError
		switch {
		case err == nil:
		case errors.As(err, &mine), errors.As(err, &syntax):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case errors.Is(err, tracesearch.ErrNotFound):
			http.Error(w, "trace not found", http.StatusNotFound)
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			http.Error(w, "the search took too long; ask for less time or fewer traces", http.StatusGatewayTimeout)
		default:
			h.o.Logger.Error("traces could not be read", "error", err)
			http.Error(w, "the traces could not be read; the log says why", http.StatusInternalServerError)
		}
	}
}

func (h *handler) echo(text string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(text))
		return nil
	}
}

// buildInfo says which Tempo the data source may take this for: the one from which on it asks
// for tags by the second version of the API.
func (h *handler) buildInfo(w http.ResponseWriter, _ *http.Request) error {
	return write(w, map[string]string{"version": "2.6.0", "revision": "burnline " + h.o.Version, "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""})
}

func write(w http.ResponseWriter, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // a client that is gone needs no answer
	return nil
}

// wantsProtobuf reports whether the client asks for protobuf rather than JSON.
func wantsProtobuf(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/protobuf")
}
