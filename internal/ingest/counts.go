package ingest

import (
	"errors"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/internal/auth"
)

const (
	// mostSenders bounds the senders that are told apart in metrics; an authority may sign any number of
	// certificates.
	mostSenders  = 500
	otherSenders = "others"
)

// counts are what was taken, by who sent it, and what was not.
type counts struct {
	taken, refused *prometheus.CounterVec

	mu      sync.Mutex
	senders map[string]struct{}
}

func newCounts(reg prometheus.Registerer) *counts {
	c := &counts{senders: map[string]struct{}{}}
	c.taken = promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_ingest_requests_total",
		Help: "Requests with telemetry, alerts or changes that were let in, by way (otlp_grpc, otlp_http, remote_write, alerts, other) and sender: the name of the token or of the client certificate. Only where senders have to say who they are.",
	}, []string{"sender", "way"})
	c.refused = promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_ingest_refused_requests_total",
		Help: "Requests with telemetry, alerts or changes that were not let in, by way and reason: missing (no credentials), unknown (a token that is unknown, expired or revoked), scope (a token for something else), guessing (too many wrong tokens came from the address), unavailable (the store of tokens does not answer).",
	}, []string{"reason", "way"})
	for _, way := range auth.FeedWays() {
		for _, why := range auth.Whys() {
			c.refused.WithLabelValues(string(why), way)
		}
	}
	return c
}

// countFiles counts the files of tokens that can't be read again.
func countFiles(reg prometheus.Registerer, f *files) {
	promauto.With(reg).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "burnline_ingest_unreadable_token_files",
		Help: "Files of ingest.token_files that could not be read the last time; the tokens that they had before stay in use.",
	}, func() (n float64) {
		for _, one := range f.list() {
			if one.Err != nil {
				n++
			}
		}
		return n
	})
}

func (c *counts) count(way string, who auth.Who, err error) {
	var not *auth.NotTaken
	if errors.As(err, &not) {
		c.refused.WithLabelValues(string(not.Why), way).Inc()
		return
	}
	c.taken.WithLabelValues(c.sender(who.Name), way).Inc()
}

// sender is the name of a sender, or of all that are too many.
func (c *counts) sender(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.senders[name]; ok {
		return name
	}
	if len(c.senders) >= mostSenders {
		return otherSenders
	}
	c.senders[name] = struct{}{}
	return name
}
