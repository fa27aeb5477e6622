package remote

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"

	"burnline/storage/metrics"
)

// Options say where the backend is and how to be let in.
type Options struct {
	// WriteURL takes remote write 1.0, such as http://host:9090/api/v1/write or
	// http://host:8428/api/v1/write.
	WriteURL string
	// QueryURL is what stands before /api/v1/query, such as http://host:9090 or
	// https://mimir.example.com/prometheus.
	QueryURL string
	// Headers are sent with every request, such as X-Scope-OrgID.
	Headers map[string]string
	// BasicAuth is a user and a password or the file that holds it; nil for none.
	BasicAuth *config.BasicAuth
	// BearerTokenFile holds a token; it is read again for each request. Empty for none.
	BearerTokenFile string
	// SignIn is what to look at where the backend answers 401 or 403. Default: the keys of metrics.remote.
	SignIn string
	// Client holds the rest of the HTTP client's settings: TLS, proxy, OAuth 2.
	// Redirects are never followed, whatever it says.
	Client config.HTTPClientConfig
	// QueryOffset is by how much the backend's reads lag behind its writes; the
	// Poller stays that far behind now. Default 0.
	QueryOffset time.Duration
	// Timeout limits one request. Default 30s.
	Timeout time.Duration
	// NativeHistograms says whether the backend keeps native histograms. The
	// default asks the backend for its name and version.
	NativeHistograms Support
	// Now is the clock. Required.
	Now func() time.Time
	// Logger is optional.
	Logger *slog.Logger
	// Registerer takes the store's own metrics; optional.
	Registerer prometheus.Registerer
}

// Store is a metric store in another system.
type Store struct {
	client  *client
	now     func() time.Time
	offset  time.Duration
	log     *slog.Logger
	m       *instruments
	flavour *flavour
	late    latecomers
}

var (
	_ metrics.Store    = (*Store)(nil)
	_ metrics.Rejecter = (*appender)(nil)
)

// Open checks the options and returns a store. It does not talk to the
// backend: Ping does.
func Open(o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errors.New("remote metrics: Now is missing")
	}
	if o.QueryOffset < 0 {
		return nil, errors.New("remote metrics: query offset is negative; write 0s or more")
	}
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Store{
		client:  c,
		now:     o.Now,
		offset:  o.QueryOffset,
		log:     log,
		m:       newInstruments(o.Registerer),
		flavour: &flavour{client: c, fixed: o.NativeHistograms},
	}, nil
}

// QueryOffset returns by how much reads stay behind now.
func (s *Store) QueryOffset() time.Duration { return s.offset }

// Ping checks that both addresses answer and let us in. Its error is one line
// that names what was tried and what to check.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.client.query(ctx, instantQuery("vector(1)", s.now())); err != nil {
		return err
	}
	return s.client.write(ctx, nil)
}

// Close lets go of idle connections. Everything committed is already stored.
func (s *Store) Close() error {
	s.client.http.CloseIdleConnections()
	return nil
}

// Transport sends requests with the store's credentials and headers, for a
// proxy to the backend's own API below QueryURL.
func (s *Store) Transport() http.RoundTripper { return s.client }

// QueryURL returns what stands before /api/v1/query. It may hold a password.
func (s *Store) QueryURL() string { return s.client.queryURL.String() }
