package programs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// So many requests to the slow backend, which takes so long, raise its mean beyond what the pack promises: HAProxy's mean
// begins at 0 and moves by a 512th of each request.
const (
	slowness = 2 * time.Second
	slow     = 200
)

// HAProxy runs one before a quick service, a slow one, and one that is not there; its load asks each.
func HAProxy(t testing.TB) *Program {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			select {
			case <-time.After(slowness):
			case <-r.Context().Done():
			}
		}
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(service.Close)
	shop := ""
	metrics, _ := run(t, "haproxy", "/metrics", nil, func(address string) []string {
		shop = free(t)
		return []string{"-db", "-f", file(t, "haproxy.cfg", fmt.Sprintf(`
global
  maxconn 1000
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  retries 0
frontend shop
  bind %[1]s
  use_backend slow if { path /slow }
  use_backend gone if { path /gone }
  default_backend web
backend web
  server web1 %[2]s
backend slow
  server slow1 %[2]s
backend gone
  server gone1 127.0.0.1:1
frontend metrics
  bind %[3]s
  http-request use-service prometheus-exporter if { path /metrics }
`, shop, strings.TrimPrefix(service.URL, "http://"), address))}
	})
	var begin sync.Once
	var waiting sync.WaitGroup
	t.Cleanup(waiting.Wait)
	return &Program{Metrics: metrics, Load: func(ctx context.Context) error {
		begin.Do(func() {
			for range slow {
				waiting.Go(func() { _ = ask(ctx, "http://"+shop+"/slow") }) // what fails doesn't raise the mean
			}
			waiting.Go(func() { // a mean counts while requests are answered
				for ctx.Err() == nil {
					_ = ask(ctx, "http://"+shop+"/slow")
					select {
					case <-time.After(slowness / 2):
					case <-ctx.Done():
					}
				}
			})
		})
		var errs []error
		for _, path := range []string{"/", "/", "/gone"} {
			errs = append(errs, ask(ctx, "http://"+shop+path))
		}
		return errors.Join(errs...)
	}}
}
