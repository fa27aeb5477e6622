package collector

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"google.golang.org/grpc"

	"burnline/internal/portowner"
)

// receiverType is the name of our own receiver in pipelines.
const receiverType = "burnline_otlp"

// Limits of the burnline_otlp receiver where its configuration does not say
// otherwise. Sizes are of the body after decompression.
const (
	maxRequestMiB     = 20
	readTimeout       = 30 * time.Second
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
)

// otlpReceiver is the burnline_otlp receiver. It takes the configuration of
// the Collector's own otlp receiver and differs in its answers: it can say
// partial success, and it tells malformed and too large requests apart.
type otlpReceiver struct {
	c   *Collector
	cfg *otlpreceiver.Config
	set receiver.Settings
	// builtIn is true in the built-in pipeline, in which nothing changes spans before they are
	// sampled. A pipeline of the operator may remove what must not be kept.
	builtIn bool

	metrics consumer.Metrics
	traces  consumer.Traces

	zstd        zstdReaders
	start, stop sync.Once
	grpc        *grpc.Server
	conns       *connections // of grpc; nil before it listens
	http        *http.Server
	serving     sync.WaitGroup
}

// newReceiverFactory returns the factory for one pipeline. The signals of one
// configured receiver share its ports, so they share one otlpReceiver. builtIn says that it is the
// built-in one.
func newReceiverFactory(c *Collector, builtIn bool) receiver.Factory {
	built := map[component.Config]*otlpReceiver{}
	one := func(set receiver.Settings, cfg component.Config) *otlpReceiver {
		r, ok := built[cfg]
		if !ok {
			r = &otlpReceiver{c: c, cfg: cfg.(*otlpreceiver.Config), set: set, builtIn: builtIn}
			built[cfg] = r
		}
		return r
	}
	return receiver.NewFactory(component.MustNewType(receiverType), defaultReceiverConfig,
		receiver.WithMetrics(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			r := one(set, cfg)
			r.metrics = next
			return r, nil
		}, component.StabilityLevelStable),
		receiver.WithTraces(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			r := one(set, cfg)
			r.traces = next
			return r, nil
		}, component.StabilityLevelStable))
}

func defaultReceiverConfig() component.Config {
	cfg := otlpreceiver.NewFactory().CreateDefaultConfig().(*otlpreceiver.Config)
	g := cfg.Protocols.GRPC.GetOrInsertDefault()
	g.MaxRecvMsgSizeMiB = maxRequestMiB
	h := cfg.Protocols.HTTP.GetOrInsertDefault()
	h.ServerConfig.MaxRequestBodySize = maxRequestMiB << 20
	h.ServerConfig.ReadTimeout = readTimeout
	h.ServerConfig.ReadHeaderTimeout = readHeaderTimeout
	h.ServerConfig.IdleTimeout = idleTimeout
	return cfg
}

// Start implements component.Component.
func (r *otlpReceiver) Start(ctx context.Context, host component.Host) error {
	var err error
	r.start.Do(func() {
		if r.cfg.Protocols.GRPC.HasValue() {
			err = r.startGRPC(ctx, host, r.cfg.Protocols.GRPC.Get())
		}
		if err == nil && r.cfg.Protocols.HTTP.HasValue() {
			err = r.startHTTP(ctx, host, r.cfg.Protocols.HTTP.Get())
		}
	})
	return err
}

func (r *otlpReceiver) startGRPC(ctx context.Context, host component.Host, cfg *configgrpc.ServerConfig) error {
	srv, err := r.grpcServer(ctx, host, cfg)
	if err != nil {
		return err
	}
	r.grpc = srv
	l, err := cfg.NetAddr.Listen(ctx)
	if err != nil {
		return portowner.Explain(err, cfg.NetAddr.Endpoint, "OTLP over gRPC", "choose another with --otlp-grpc or collector.otlp.grpc")
	}
	r.c.setBound(func(e *Endpoints) { e.GRPC = l.Addr().String() })
	r.conns = &connections{Listener: l, open: map[net.Conn]struct{}{}}
	r.serve(host, r.conns, srv.Serve)
	return nil
}

func (r *otlpReceiver) startHTTP(ctx context.Context, host component.Host, cfg *otlpreceiver.HTTPConfig) error {
	opts := []confighttp.ToServerOption{confighttp.WithErrorHandler(r.refuseEncoding)}
	if a := cfg.ServerConfig.CompressionAlgorithms; a == nil || slices.Contains(a, "zstd") {
		opts = append(opts, confighttp.WithDecoder("zstd", r.zstd.open))
	}
	srv, err := cfg.ServerConfig.ToServer(ctx, host.GetExtensions(), r.set.TelemetrySettings, r.httpHandler(cfg), opts...)
	if err != nil {
		return fmt.Errorf("set up OTLP over HTTP: %w", err)
	}
	r.http = srv
	r.c.setOTLP(srv.Handler) // who uses that has let its sender in already
	if r.c.opts.Guard != nil {
		srv.Handler = r.admitted(srv.Handler)
	}
	srv.Handler = r.signals(cfg, srv.Handler)
	l, err := cfg.ServerConfig.ToListener(ctx)
	if err != nil {
		return portowner.Explain(err, cfg.ServerConfig.NetAddr.Endpoint, "OTLP over HTTP", "choose another with --otlp-http or collector.otlp.http")
	}
	r.c.setBound(func(e *Endpoints) { e.HTTP = l.Addr().String() })
	if over := r.c.opts.TLS; over != nil && !cfg.ServerConfig.TLS.HasValue() {
		l = tls.NewListener(l, over)
	}
	r.serve(host, l, srv.Serve)
	return nil
}

func (r *otlpReceiver) serve(host component.Host, l net.Listener, serve func(net.Listener) error) {
	r.serving.Go(func() {
		err := serve(l)
		if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
}

// Shutdown implements component.Component. Requests that are being answered
// may end until ctx does.
func (r *otlpReceiver) Shutdown(ctx context.Context) error {
	var err error
	r.stop.Do(func() {
		if r.http != nil {
			r.c.setOTLP(nil)
			if err = r.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
				err = r.http.Close() // their time is over
			}
		}
		if r.grpc != nil {
			cut := context.AfterFunc(ctx, func() {
				if r.conns != nil {
					r.conns.cut() // neither way of stopping ends a handshake
				}
				r.grpc.Stop()
			})
			r.grpc.GracefulStop()
			cut()
		}
		r.serving.Wait()
	})
	return err
}

func (c *Collector) setOTLP(h http.Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.otlp = h
}

func (c *Collector) setBound(set func(*Endpoints)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	set(&c.bound)
}
