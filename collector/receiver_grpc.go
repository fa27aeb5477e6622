package collector

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// grpcDefaultLimit is how large a message grpc takes where nothing is said, in bytes.
const grpcDefaultLimit = 4 << 20

// grpcServer returns a server for the signals that a pipeline takes.
func (r *otlpReceiver) grpcServer(ctx context.Context, host component.Host, cfg *configgrpc.ServerConfig) (*grpc.Server, error) {
	limit := int64(cfg.MaxRecvMsgSizeMiB) << 20
	if limit <= 0 {
		limit = grpcDefaultLimit
	}
	opts := []configgrpc.ToServerOption{
		configgrpc.WithGrpcServerOption(grpc.RPCDecompressor(zstdMessages{readers: &r.zstd, limit: limit})),
		configgrpc.WithGrpcServerOption(grpc.ForceServerCodecV2(bytesCodec{})),
		configgrpc.WithGrpcServerOption(grpc.ConnectionTimeout(readHeaderTimeout)),
		configgrpc.WithGrpcServerOption(grpc.StatsHandler(refusals{r.c.counts})),
	}
	if over := r.c.opts.TLS; over != nil && !cfg.TLS.HasValue() {
		opts = append(opts, configgrpc.WithGrpcServerOption(grpc.Creds(credentials.NewTLS(over))))
	}
	srv, err := cfg.ToServer(ctx, host.GetExtensions(), r.set.TelemetrySettings, opts...)
	if err != nil {
		return nil, fmt.Errorf("set up OTLP over gRPC: %w", err)
	}
	if r.metrics != nil {
		srv.RegisterService(exportService("opentelemetry.proto.collector.metrics.v1.MetricsService", r.guarded(r.ingestMetrics, metricsRequest()), r.admit), nil)
	}
	if r.traces != nil {
		srv.RegisterService(exportService("opentelemetry.proto.collector.trace.v1.TraceService", r.guarded(r.ingestTraces, tracesRequest()), r.admit), nil)
	}
	return srv, nil
}

// exportService describes an OTLP service, whose one method is Export. It is
// written by hand so that the body is decoded in ingest: within grpc a body
// that is no protobuf ends in Internal, which tells clients that the server
// is at fault. Who may not send is told so by admit, before that.
func exportService(name string, in ingest, admit func(context.Context) error) *grpc.ServiceDesc {
	info := &grpc.UnaryServerInfo{FullMethod: "/" + name + "/Export"}
	answer := func(ctx context.Context, req any) (any, error) {
		return in(ctx, req.(*message).body.ReadOnlyData(), false)
	}
	return &grpc.ServiceDesc{
		ServiceName: name,
		Methods: []grpc.MethodDesc{{
			MethodName: "Export",
			Handler: func(_ any, ctx context.Context, read func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
				if err := admit(ctx); err != nil {
					return nil, err
				}
				var m message
				if err := read(&m); err != nil {
					return nil, err
				}
				defer m.body.Free()
				if around == nil {
					return answer(ctx, &m)
				}
				return around(ctx, &m, info, answer)
			},
		}},
	}
}

// message is the undecoded body of a request, in a buffer of grpc's pool.
type message struct {
	body mem.Buffer
}

// bytesCodec leaves bodies as they are.
type bytesCodec struct{}

// Name implements encoding.CodecV2: the name that OTLP clients ask for.
func (bytesCodec) Name() string { return "proto" }

// Unmarshal implements encoding.CodecV2.
func (bytesCodec) Unmarshal(data mem.BufferSlice, v any) error {
	v.(*message).body = data.MaterializeToBuffer(mem.DefaultBufferPool())
	return nil
}

// Marshal implements encoding.CodecV2.
func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

// refusals counts every request that ends in an error, also those that grpc
// refuses before a handler sees them.
type refusals struct{ counts *counts }

var _ stats.Handler = refusals{}

// TagRPC implements stats.Handler.
func (refusals) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC implements stats.Handler.
func (h refusals) HandleRPC(_ context.Context, s stats.RPCStats) {
	if end, ok := s.(*stats.End); ok && end.Error != nil {
		h.counts.refused.WithLabelValues("grpc", reason(status.Code(end.Error))).Inc()
	}
}

// TagConn implements stats.Handler.
func (refusals) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (refusals) HandleConn(context.Context, stats.ConnStats) {}
