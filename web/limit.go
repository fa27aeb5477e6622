package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/web/limits"
)

// Limits bound what the pages and the API take on. What programs bring is never among it: telemetry,
// alerts, changes and the webhooks of receivers have limits of their own, and health checks have none.
// Signing in is bounded as pages are.
type Limits struct {
	// Rate is how many requests a second one client may send on average, and Burst how many at once.
	// A client is an address, or a token from an address, and what an address sends with all tokens
	// is bounded by ten times as much. 0 is no bound.
	Rate  float64
	Burst int
	// Clients are how many clients are remembered.
	Clients int
	// AtOnce is how many requests are answered at once, half as many of them of one address, and Wait how
	// long more of them wait for that.
	AtOnce int
	Wait   time.Duration
	// Streams are how many live streams are open at once, and StreamsEach how many of one address.
	Streams, StreamsEach int
}

// DefaultLimits returns what a server takes on that many people watch.
func DefaultLimits() Limits {
	return Limits{Rate: 100, Burst: 500, Clients: 10_000, AtOnce: 64, Wait: 5 * time.Second, Streams: 512, StreamsEach: 128}
}

// tokensOfOne is how many times as much as one client an address may send with tokens: a proxy or
// an office has one address.
const tokensOfOne = 10

const (
	// mostBody is the most that is read of the body of a request to a page or the API before it is known
	// who asks, in bytes; no route takes more, and most take less.
	mostBody = 64 << 10
	// bodies is how many bytes of bodies are held at once, and bodiesEach how many of one address.
	bodies, bodiesEach = 64 << 20, 16 << 20
	// bodyPause is how long a body may pause, and bodyTime how long it may take to come.
	bodyPause, bodyTime = 5 * time.Second, 20 * time.Second
)

// What was turned away, by reason.
const (
	refusedRate    = "rate"
	refusedBusy    = "busy"
	refusedStreams = "streams"
	refusedBody    = "body"
	refusedSlow    = "slow"
	refusedOrigin  = "origin"
	refusedPanic   = "panic"
	refusedGuess   = "guess"
)

// gates turn away what is too much.
type gates struct {
	clients, addresses *limits.Buckets
	bodies             *limits.Bodies
	turns              *limits.Turns
	streams            *limits.Shares
	refused            *prometheus.CounterVec
}

func newGates(l Limits, reg prometheus.Registerer) (*gates, error) {
	clients, err := limits.NewBuckets(l.Rate, l.Burst, l.Clients)
	if err != nil {
		return nil, err
	}
	addresses, err := limits.NewBuckets(tokensOfOne*l.Rate, tokensOfOne*l.Burst, l.Clients)
	if err != nil {
		return nil, err
	}
	g := &gates{clients: clients, addresses: addresses, bodies: limits.NewBodies(bodies, bodiesEach, bodyPause, bodyTime), turns: limits.NewTurns(l.AtOnce, l.Wait), streams: limits.NewShares(l.Streams, l.StreamsEach)}
	g.refused = promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_web_refused_requests_total",
		Help: "Requests to the pages and APIs that were turned away, by reason: rate (a client sent too many), busy (too many at once), streams (too many live streams), body (too large), slow (the body did not come), origin (a page of another site, or a name that is not this server's), panic (a fault of Burnline's), guess (an address brought too many wrong tokens).",
	}, []string{"reason"})
	for _, reason := range []string{refusedRate, refusedBusy, refusedStreams, refusedBody, refusedSlow, refusedOrigin, refusedPanic, refusedGuess} {
		g.refused.WithLabelValues(reason)
	}
	return g, nil
}

// feeds reports whether a request brings what budgets and pages are made of.
func feeds(rt route, r *http.Request) bool {
	path := r.URL.Path
	return rt.access == toAll && !rt.guessed || rt.access == toFeed || r.Method == http.MethodPost &&
		(path == "/prometheus/api/v1/write" || strings.HasPrefix(path, "/prometheus/api/v1/otlp/") || path == "/alertmanager/api/v2/alerts")
}

// limit turns away what one client sends too often, and lets so many requests through at once, once
// their bodies are there. It comes before who asks is found out.
func (s *server) limit(rt route) gin.HandlerFunc {
	streams := rt.streams()
	return func(c *gin.Context) {
		client := networkOf(s.address(c.Request))
		c.Request = c.Request.WithContext(limits.WithClient(c.Request.Context(), client))
		if feeds(rt, c.Request) {
			return
		}
		if wait := s.tooOften(c.Request); wait > 0 {
			c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			s.refuse(c, refusedRate, http.StatusTooManyRequests, "You send too many requests.",
				fmt.Sprintf("%g a second are taken of one client; come again in %s.", s.Limits.Rate, wait.Round(time.Millisecond)))
			return
		}
		if streams || rt.method == "" {
			return // others' protocols bound themselves
		}
		forget, err := s.gates.bodies.Read(c.Writer, c.Request, client, mostBody)
		if err != nil {
			s.unread(c, err)
			return
		}
		defer forget()
		leave, err := s.gates.turns.TakeOf(c.Request.Context(), client)
		if err != nil {
			s.unread(c, err)
			return
		}
		defer leave()
		c.Next()
	}
}

// unread answers what is not looked at.
func (s *server) unread(c *gin.Context, err error) {
	switch {
	case errors.Is(err, limits.ErrBusy):
		c.Header("Retry-After", "5")
		s.refuse(c, refusedBusy, http.StatusServiceUnavailable, "Too many requests are being answered at once.", "Counting and paging go on. Come again in a few seconds.")
	case errors.Is(err, limits.ErrSlow):
		s.refuse(c, refusedSlow, http.StatusRequestTimeout, "The body of the request did not come.",
			fmt.Sprintf("It may pause for %s and has to be there after %s; send it again.", bodyPause, bodyTime))
	case c.Request.Context().Err() != nil:
		c.Abort() // the client went away
	default:
		s.deny(c, http.StatusBadRequest, "The body can't be read.", err.Error())
	}
}

// tooOften returns how long a client has to wait; 0 where it need not.
func (s *server) tooOften(r *http.Request) time.Duration {
	now, address := s.Now(), networkOf(s.address(r))
	token := r.Header.Get("Authorization")
	if token == "" {
		return s.gates.clients.Take(address, now)
	}
	if wait := s.gates.addresses.Take(address, now); wait > 0 {
		return wait
	}
	sum := sha256.Sum256([]byte(token)) // so that no secret is kept
	return s.gates.clients.Take(address+" "+hex.EncodeToString(sum[:8]), now)
}

// networkOf is the address, or of IPv6 the network that one client has all addresses of.
func networkOf(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return address
}

// refuse answers what is turned away, and counts it.
func (s *server) refuse(c *gin.Context, reason string, status int, sentence, detail string) {
	s.gates.refused.WithLabelValues(reason).Inc()
	s.deny(c, status, sentence, detail)
}

// badBody answers when a body can't be read: 413 where it is too large, else 400.
func (s *server) badBody(c *gin.Context, sentence, detail string, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		s.refuse(c, refusedBody, http.StatusRequestEntityTooLarge, "The body is too large.", fmt.Sprintf("At most %d bytes are taken here.", large.Limit))
		return
	}
	s.fail(c, http.StatusBadRequest, sentence, detail)
}

// lasting lets an answer take longer than the server lets others. Where the connection can't be told,
// as in tests without one, nothing bounds it anyway.
func lasting(c *gin.Context, d time.Duration) {
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(d))
}
