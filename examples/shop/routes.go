package shop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// customerHeader and methodHeader carry the customer's number, and how the customer pays, from
// service to service.
const (
	customerHeader = "X-Customer"
	methodHeader   = "X-Payment-Method"
)

// storefrontRoutes is what customers see: a page to browse and a button to buy.
func storefrontRoutes(checkoutURL *atomic.Pointer[string]) routesFunc {
	return func(mux *http.ServeMux, client *http.Client) {
		mux.HandleFunc("GET /browse", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			work(r.Context(), 2*time.Millisecond, 8*time.Millisecond)
			fmt.Fprintln(w, "hats, boots and umbrellas")
		})
		mux.HandleFunc("POST /buy", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			work(r.Context(), time.Millisecond, 3*time.Millisecond)
			forward(w, r, client, *checkoutURL.Load()+"/checkout")
		})
	}
}

// checkoutRoutes turns a basket into an order by asking payment for the money.
func checkoutRoutes(paymentURL string) routesFunc {
	return func(mux *http.ServeMux, client *http.Client) {
		mux.HandleFunc("POST /checkout", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			work(r.Context(), 2*time.Millisecond, 6*time.Millisecond)
			forward(w, r, client, paymentURL+"/pay")
		})
	}
}

// paymentRoutes takes the money, unless the region is broken.
func paymentRoutes(region string, faults *faults) routesFunc {
	return func(mux *http.ServeMux, _ *http.Client) {
		mux.HandleFunc("POST /pay", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			fails, delay := faults.draw(region, r.Header.Get(methodHeader))
			if err := charge(r, fails, delay); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintln(w, "paid")
		})
	}
}

// errBank is why a payment fails.
var errBank = errors.New("the bank does not answer")

// charge asks the bank for the money, with a span of its own.
func charge(r *http.Request, fails bool, delay time.Duration) error {
	tracer := trace.SpanFromContext(r.Context()).TracerProvider().Tracer("burnline/examples/shop")
	ctx, span := tracer.Start(r.Context(), "charge "+orElse(r.Header.Get(methodHeader), Card), trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	work(ctx, 5*time.Millisecond+delay, 20*time.Millisecond+delay)
	if !fails {
		return nil
	}
	span.SetStatus(codes.Error, errBank.Error())
	return errBank
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// nameCustomer puts the customer's number, and how the customer pays, on the span of the
// request.
func nameCustomer(r *http.Request) {
	span := trace.SpanFromContext(r.Context())
	if id := r.Header.Get(customerHeader); id != "" {
		span.SetAttributes(semconv.EnduserID(id))
	}
	if method := r.Header.Get(methodHeader); method != "" {
		span.SetAttributes(attribute.String("payment.method", method))
	}
}

// forward asks the next service and passes its answer on; one that fails or
// does not answer makes this service fail too.
func forward(w http.ResponseWriter, r *http.Request, client *http.Client, url string) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, url, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, name := range []string{customerHeader, methodHeader} {
		req.Header.Set(name, r.Header.Get(name))
	}
	resp, err := client.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusInternalServerError {
		w.WriteHeader(http.StatusBadGateway)
	} else {
		w.WriteHeader(resp.StatusCode)
	}
	// A customer who has gone away by now is nobody's fault.
	_, _ = io.Copy(w, resp.Body)
}

// work takes a time between low and high, or until the customer leaves.
func work(ctx context.Context, low, high time.Duration) {
	timer := time.NewTimer(low + rand.N(high-low))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
