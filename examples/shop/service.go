package shop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// What a service may take to end: its open requests first, its telemetry next.
const (
	drainTimeout = 300 * time.Millisecond
	flushTimeout = 800 * time.Millisecond
)

// routesFunc registers a service's handlers; client is instrumented.
type routesFunc func(mux *http.ServeMux, client *http.Client)

// service is one HTTP service in one region, on a random port of loopback,
// with telemetry of its own as if it were a process of its own.
type service struct {
	url       string
	server    *http.Server
	served    chan struct{}
	transport *http.Transport
	telemetry *telemetry
}

// identity is what a service is, as its telemetry says.
type identity struct{ name, region, version string }

// startService listens and serves. The caller stops the service.
func startService(ctx context.Context, who identity, opts Options, routes routesFunc) (*service, error) {
	tel, err := startTelemetry(ctx, who, opts)
	if err != nil {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		tel.stop(ctx)
		return nil, fmt.Errorf("listen: %w", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: maxCustomers, IdleConnTimeout: 30 * time.Second}
	mux := http.NewServeMux()
	routes(mux, &http.Client{Transport: otelhttp.NewTransport(transport, tel.options()...)})
	handler := otelhttp.NewHandler(inRegion(who.region, mux), who.name, append(tel.options(), otelhttp.WithServerName(who.name))...)
	s := &service{
		url:       "http://" + ln.Addr().String(),
		server:    &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second},
		served:    make(chan struct{}),
		transport: transport,
		telemetry: tel,
	}
	go func() {
		defer close(s.served)
		if err := s.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			opts.Logger.Error("a service of the shop stopped serving", "service", who.name, "region", who.region, "err", err)
		}
	}()
	return s, nil
}

// inRegion adds the region to the request metrics and spans, so that an SLO can be kept
// per region whatever resource attributes the collector keeps.
func inRegion(region string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if labels, ok := otelhttp.LabelerFromContext(r.Context()); ok {
			labels.Add(attribute.String("region", region))
		}
		trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("region", region))
		next.ServeHTTP(w, r)
	})
}

// stop lets open requests end, then sends the last telemetry. Both are bounded.
func (s *service) stop(ctx context.Context) {
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.server.Shutdown(draining); err != nil {
		// The grace is over. Nobody is left to hear how the cut connections ended.
		_ = s.server.Close()
	}
	<-s.served
	s.transport.CloseIdleConnections()
	s.telemetry.stop(ctx)
}

// closeAll stops services side by side and waits for them.
func closeAll(ctx context.Context, services []*service) {
	var wg sync.WaitGroup
	for _, s := range services {
		wg.Go(func() { s.stop(ctx) })
	}
	wg.Wait()
}
