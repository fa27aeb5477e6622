package remote

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Away is what waiting helps against; everything else is to be mended before a server starts.
func TestAwayIsWhatWaitingHelpsAgainst(t *testing.T) {
	t.Parallel()
	answers := func(status int, body string) func(*testing.T) error {
		return func(t *testing.T) error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond) // overloaded ones are asked again until then
			if status/100 != 5 && status != http.StatusTooManyRequests {
				ctx, cancel = context.WithCancel(t.Context())
			}
			defer cancel()
			return openAt(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://elsewhere.example/")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}, nil).Ping(ctx)
		}
	}
	at := func(url string, change func(*Options)) func(*testing.T) error {
		return func(t *testing.T) error {
			o := Options{WriteURL: url, QueryURL: url, Now: time.Now}
			if change != nil {
				change(&o)
			}
			s, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s.Ping(t.Context())
		}
	}
	secret := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secret.Close)
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	for _, c := range []struct {
		name string
		ping func(*testing.T) error
		away bool
	}{
		{"nobody listens", at("http://127.0.0.1:1", nil), true},
		{"its name is not known", func(*testing.T) error { return &net.DNSError{IsNotFound: true} }, true},
		{"it cuts the connection", at(cut.URL, nil), true},
		{"it is overloaded", answers(http.StatusTooManyRequests, ""), true},
		{"it is broken", answers(http.StatusInternalServerError, ""), true},
		{"it starts", answers(http.StatusServiceUnavailable, ""), true},
		{"a part of it is away", answers(http.StatusOK, `{"status":"success","isPartial":true}`), true},
		{"a part of it may be away", answers(http.StatusOK, `{"status":"success","warnings":["a store"]}`), true},
		{"its certificate ran out", func(*testing.T) error { return x509.CertificateInvalidError{Reason: x509.Expired} }, true},
		{"it wants a login", answers(http.StatusUnauthorized, ""), false},
		{"it forbids", answers(http.StatusForbidden, ""), false},
		{"nothing is at the path", answers(http.StatusNotFound, ""), false},
		{"it redirects", answers(http.StatusMovedPermanently, ""), false},
		{"it does not know the request", answers(http.StatusBadRequest, ""), false},
		{"it is something else", answers(http.StatusOK, "<html>"), false},
		{"its certificate is nobody's", at(secret.URL, nil), false},
		{"the file of the token is not there", at("http://127.0.0.1:1", func(o *Options) { o.BearerTokenFile = "nowhere" }), false},
	} {
		err := c.ping(t)
		if err == nil || Away(err) != c.away {
			t.Errorf("%s: %v is away: %v, want %v", c.name, err, Away(err), c.away)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := openAt(t, func(http.ResponseWriter, *http.Request) {}, nil).Ping(gone); err == nil || Away(err) {
		t.Errorf("who gives up is away: %v", err)
	}
}
