package collector

import (
	"context"
	"errors"
	"runtime/debug"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"burnline/collector/sampling"
)

// decoder is the way of OTLP bytes in one encoding into a request.
type decoder interface {
	UnmarshalProto([]byte) error
	UnmarshalJSON([]byte) error
}

// encoder is the way of a response into OTLP bytes.
type encoder interface {
	MarshalProto() ([]byte, error)
	MarshalJSON() ([]byte, error)
}

// ingest takes one request of a signal, in protobuf or JSON, and returns the
// answer in the same encoding. It does not keep body. Errors carry the gRPC
// status that the client is told.
type ingest func(ctx context.Context, body []byte, json bool) ([]byte, error)

// guarded answers a request on which a decoder or a component panics with
// Internal, which is not sent again. The process that pages must not die of
// one request, again and again, as its sender repeats it. Nor must it die of what a
// small body becomes in memory, by itself or together with others.
func (r *otlpReceiver) guarded(in ingest, shape element) ingest {
	return func(ctx context.Context, body []byte, json bool) (answer []byte, err error) {
		if shape.tooMuch(body, json, maxElements) {
			return nil, status.Errorf(codes.InvalidArgument,
				"the request holds more than %d points, attributes and the like, or nests them deeper than %d; send smaller batches", maxElements, maxNesting)
		}
		release, err := r.c.turns.take(ctx, len(body))
		if err != nil {
			return nil, err
		}
		defer release()
		defer func() {
			if p := recover(); p != nil {
				r.c.opts.Logger.Error("an OTLP request broke the pipeline", "panic", p, "stack", string(debug.Stack()))
				answer, err = nil, status.Errorf(codes.Internal, "this request can't be processed: %v", p)
			}
		}()
		return in(ctx, body, json)
	}
}

func (r *otlpReceiver) ingestMetrics(ctx context.Context, body []byte, json bool) ([]byte, error) {
	req := pmetricotlp.NewExportRequest()
	if err := decode(req, body, json); err != nil {
		return nil, err
	}
	ctx, rejected := withRejections(ctx)
	if req.Metrics().DataPointCount() > 0 {
		for _, rm := range req.Metrics().ResourceMetrics().All() {
			r.sawVersion(rm.Resource().Attributes())
		}
		if err := r.metrics.ConsumeMetrics(ctx, req.Metrics()); err != nil {
			return nil, statusOf(err)
		}
	}
	resp := pmetricotlp.NewExportResponse()
	if points, reason := rejected.get(); points > 0 {
		resp.PartialSuccess().SetRejectedDataPoints(points)
		resp.PartialSuccess().SetErrorMessage(reason)
	}
	return encode(resp, json)
}

func (r *otlpReceiver) ingestTraces(ctx context.Context, body []byte, json bool) ([]byte, error) {
	req := ptraceotlp.NewExportRequest()
	if err := decode(req, body, json); err != nil {
		return nil, err
	}
	// Counted first: the pipeline may change what it is given.
	if spans := req.Traces().SpanCount(); spans > 0 {
		for _, rs := range req.Traces().ResourceSpans().All() {
			r.sawVersion(rs.Resource().Attributes())
		}
		if r.builtIn && !json {
			ctx = sampling.WithBody(ctx, body)
		}
		if err := r.traces.ConsumeTraces(ctx, req.Traces()); err != nil {
			return nil, statusOf(err)
		}
		r.c.counts.spans.Add(float64(spans))
	}
	return encode(ptraceotlp.NewExportResponse(), json)
}

func decode(req decoder, body []byte, json bool) error {
	var err error
	if json {
		err = req.UnmarshalJSON(body)
	} else {
		err = req.UnmarshalProto(body)
	}
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "the body is not an OTLP request: %s", err)
	}
	return nil
}

func encode(resp encoder, json bool) ([]byte, error) {
	if json {
		return resp.MarshalJSON()
	}
	return resp.MarshalProto()
}

// statusOf gives an error of the pipeline its gRPC status: that of a
// downstream server where it has one, else Internal when sending again can't
// help and Unavailable when it can.
// (https://opentelemetry.io/docs/specs/otlp/#failures)
func statusOf(err error) error {
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	if errors.Is(err, context.Canceled) {
		return status.Error(codes.Canceled, err.Error())
	}
	if consumererror.IsPermanent(err) {
		return status.Error(codes.Internal, err.Error())
	}
	return status.Error(codes.Unavailable, err.Error())
}

// reason names a refusal for burnline_collector_refused_requests_total.
func reason(code codes.Code) string {
	switch code {
	case codes.ResourceExhausted:
		return "too_large"
	case codes.InvalidArgument:
		return "malformed"
	case codes.Unauthenticated, codes.PermissionDenied:
		return "unauthorized"
	case codes.Canceled:
		return "gone" // its sender stopped or hung up, and the store refused nothing
	case codes.Unavailable, codes.DeadlineExceeded, codes.Aborted:
		return "unavailable"
	default:
		return "other"
	}
}
