package collector

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
	// keepBody is the largest body buffer that is kept for the next request.
	keepBody = 4 << 20
)

// httpHandler serves the paths of the signals that a pipeline takes.
func (r *otlpReceiver) httpHandler(cfg *otlpreceiver.HTTPConfig) http.Handler {
	bodies := &sync.Pool{New: func() any { return new(bytes.Buffer) }}
	mux := http.NewServeMux()
	if r.metrics != nil {
		mux.Handle(string(cfg.MetricsURLPath), r.handler(r.guarded(r.ingestMetrics, metricsRequest()), bodies))
	}
	if r.traces != nil {
		mux.Handle(string(cfg.TracesURLPath), r.handler(r.guarded(r.ingestTraces, tracesRequest()), bodies))
	}
	return mux
}

// signals lets through what is sent to the paths of signals, and says of the rest where it belongs: before next asks who sends,
// and decompresses, which may fail for what is not OTLP.
func (r *otlpReceiver) signals(cfg *otlpreceiver.HTTPConfig, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if path := req.URL.Path; path == string(cfg.MetricsURLPath) || path == string(cfg.TracesURLPath) {
			next.ServeHTTP(w, req)
			return
		}
		said := fmt.Sprintf("OTLP is taken here, at %s and %s", cfg.MetricsURLPath, cfg.TracesURLPath)
		if to := r.c.opts.RemoteWrite; to != nil && (req.Header.Get("X-Prometheus-Remote-Write-Version") != "" || strings.HasSuffix(req.URL.Path, "/write")) {
			said = "this port takes OTLP; send remote write to " + to()
		}
		if req.Method == http.MethodPost { // else it is a probe
			r.c.counts.refused.WithLabelValues("http", "path").Inc()
		}
		http.Error(w, said, http.StatusNotFound)
	})
}

// handler answers one path.
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp)
func (r *otlpReceiver) handler(in ingest, bodies *sync.Pool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			r.refuse(w, typeJSON, http.StatusMethodNotAllowed, status.New(codes.Unimplemented, "OTLP is sent by POST"))
			return
		}
		media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if err != nil || media != typeProto && media != typeJSON {
			r.refuse(w, typeJSON, http.StatusUnsupportedMediaType,
				status.New(codes.InvalidArgument, fmt.Sprintf("the content type is %q; OTLP is %s or %s", req.Header.Get("Content-Type"), typeProto, typeJSON)))
			return
		}
		body := bodies.Get().(*bytes.Buffer)
		defer func() {
			if body.Cap() <= keepBody {
				body.Reset()
				bodies.Put(body)
			}
		}()
		if err := read(body, req); err != nil {
			// A body that comes too slowly ends the request as well, and that is its sender's fault.
			if gone := req.Context().Err(); gone != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				r.refuse(w, media, http.StatusServiceUnavailable, status.FromContextError(gone))
				return
			}
			r.refuseBody(w, media, err)
			return
		}
		answer, err := in(req.Context(), body.Bytes(), media == typeJSON)
		if err != nil {
			s := status.Convert(err)
			r.refuse(w, media, httpCode(s.Code()), s)
			return
		}
		w.Header().Set("Content-Type", media)
		_, _ = w.Write(answer) // a client that has gone can't be told
	})
}

// read reads the decompressed body, which the server has limited.
func read(into *bytes.Buffer, req *http.Request) error {
	if n := req.ContentLength; n > 0 {
		into.Grow(int(min(n, keepBody)) + bytes.MinRead)
	}
	_, err := into.ReadFrom(req.Body)
	return errors.Join(err, req.Body.Close())
}

func (r *otlpReceiver) refuseBody(w http.ResponseWriter, media string, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		r.refuse(w, media, http.StatusRequestEntityTooLarge,
			status.New(codes.ResourceExhausted, fmt.Sprintf("the body is larger than %d bytes after decompression; send smaller batches", tooLarge.Limit)))
		return
	}
	r.refuse(w, media, http.StatusBadRequest, status.New(codes.InvalidArgument, "read body: "+err.Error()))
}

// refuseEncoding answers for the server's decompression, which fails before a
// handler is asked.
func (r *otlpReceiver) refuseEncoding(w http.ResponseWriter, req *http.Request, message string, code int) {
	media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || media != typeProto {
		media = typeJSON
	}
	grpcCode := codes.InvalidArgument
	switch {
	case code == http.StatusUnauthorized:
		grpcCode = codes.Unauthenticated
	case strings.Contains(message, "exceeds max request body size"), strings.Contains(message, "request body too large"):
		code, grpcCode = http.StatusRequestEntityTooLarge, codes.ResourceExhausted
	default:
		message = fmt.Sprintf("decompress body (content encoding %q): %s", req.Header.Get("Content-Encoding"), message)
	}
	r.refuse(w, media, code, status.New(grpcCode, message))
}

// refuse answers with an error in the encoding of the request and counts it.
func (r *otlpReceiver) refuse(w http.ResponseWriter, media string, code int, s *status.Status) {
	why := reason(s.Code())
	switch code {
	case http.StatusUnsupportedMediaType:
		why = "media_type"
	case http.StatusMethodNotAllowed:
		why = "method"
	case http.StatusTooManyRequests:
		why = "unavailable" // a component downstream is throttled
	}
	r.c.counts.refused.WithLabelValues("http", why).Inc()
	marshal := proto.Marshal
	if media == typeJSON {
		marshal = protojson.Marshal
	}
	body, err := marshal(s.Proto())
	if err != nil {
		http.Error(w, s.Message(), code)
		return
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(code)
	_, _ = w.Write(body) // a client that has gone can't be told
}

// httpCode is the HTTP status that OTLP asks for; clients send again after
// 429, 502, 503 and 504 only.
func httpCode(c codes.Code) int {
	switch c {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		return http.StatusServiceUnavailable
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.InvalidArgument:
		return http.StatusBadRequest
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.Unimplemented:
		return http.StatusNotFound
	default:
		return http.StatusInternalServerError
	}
}
