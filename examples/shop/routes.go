package shop

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// customerHeader carries the customer's number from service to service.
const customerHeader = "X-Customer"

// storefrontRoutes is what customers see: a page to browse and a button to buy.
func storefrontRoutes(checkoutURL string) routesFunc {
	return func(mux *http.ServeMux, client *http.Client) {
		mux.HandleFunc("GET /browse", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			work(r.Context(), 2*time.Millisecond, 8*time.Millisecond)
			fmt.Fprintln(w, "hats, boots and umbrellas")
		})
		mux.HandleFunc("POST /buy", func(w http.ResponseWriter, r *http.Request) {
			nameCustomer(r)
			work(r.Context(), time.Millisecond, 3*time.Millisecond)
			forward(w, r, client, checkoutURL+"/checkout")
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
			fails, delay := faults.draw(region)
			work(r.Context(), 5*time.Millisecond+delay, 20*time.Millisecond+delay)
			if fails {
				http.Error(w, "the bank does not answer", http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintln(w, "paid")
		})
	}
}

// nameCustomer puts the customer's number on the span of the request.
func nameCustomer(r *http.Request) {
	if id := r.Header.Get(customerHeader); id != "" {
		trace.SpanFromContext(r.Context()).SetAttributes(semconv.EnduserID(id))
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
	req.Header.Set(customerHeader, r.Header.Get(customerHeader))
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
