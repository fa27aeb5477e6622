package app

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/internal/unread"
	"burnline/web/limits"
)

const (
	// mostHeader bounds the header of a request; net/http adds 4 KiB to it and answers 431 beyond.
	mostHeader = 60 << 10
	// headerTime, readTime and writeTime bound how long a header takes to come, a whole request, and
	// from its header to the end of the answer. What answers for longer, such as the live stream,
	// moves the last one itself.
	headerTime = 10 * time.Second
	readTime   = time.Minute
	writeTime  = 3 * time.Minute
	// idleTime is how long a connection stays open without a request.
	idleTime = 2 * time.Minute
)

// newServer is the web server with limits on how long and how large a request may be.
func newServer(h http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: unread.Take(h), ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime, MaxHeaderBytes: mostHeader,
		ErrorLog: slog.NewLogLogger((&handshakes{logger: logger}).around(), slog.LevelDebug),
	}
}

// boundedListener closes connections that are too many, in all or of one address, at once: who waits
// in a queue that nobody serves learns nothing.
type boundedListener struct {
	net.Listener
	shares  *limits.Shares
	refused *prometheus.CounterVec
}

// newRefused counts connections that are closed at once.
func newRefused(reg prometheus.Registerer) *prometheus.CounterVec {
	refused := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_web_refused_connections_total",
		Help: "Connections to the pages and APIs, and to the status page that is served apart, that were closed at once, by what was full: total (all connections), client (those of one address).",
	}, []string{"full"})
	for _, full := range []limits.Full{limits.FullAll, limits.FullClient} {
		refused.WithLabelValues(string(full))
	}
	return refused
}

// newListener bounds a listener by connections in all, and of each address.
func newListener(l net.Listener, most, each int, refused *prometheus.CounterVec) net.Listener {
	return &boundedListener{Listener: l, shares: limits.NewShares(most, each), refused: refused}
}

// Accept implements net.Listener.
func (b *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := conn.RemoteAddr().String()
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		full := b.shares.Take(host)
		if full == limits.NotFull {
			return &boundedConn{Conn: conn, leave: func() { b.shares.Leave(host) }}, nil
		}
		b.refused.WithLabelValues(string(full)).Inc()
		_ = conn.Close() // it is not served either way
	}
}

// boundedConn gives its place back when it is closed, once.
type boundedConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close implements net.Conn.
func (c *boundedConn) Close() error {
	c.once.Do(c.leave)
	return c.Conn.Close()
}
