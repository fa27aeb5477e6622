package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness/pagerduty"
)

// sendMoment is a point of a send at which the server is killed.
type sendMoment string

// The moments, as the receiver sees them.
const (
	// before: the server has connected, and nothing of its request is read.
	before sendMoment = "before"
	// during: what the receiver does with the request is done, and nothing was answered.
	during sendMoment = "during"
	// after: the answer, if there is one, has left, and the connection is closed.
	after sendMoment = "after"
)

// moments are all of them, in order.
func moments() []sendMoment { return []sendMoment{before, during, after} }

// front is what the server takes for PagerDuty: it stands before the stand-in, can be away,
// and kills the server at a moment of a send. Each request has a connection of its own.
type front struct {
	url  string
	next http.Handler
	kill func()

	mu   sync.Mutex
	away bool
	// distrusted is how many of the next connections are shown a certificate that nobody vouches for.
	distrusted int
	// The server is killed at this moment of the send that is so many connections ahead.
	at     sendMoment
	ahead  int
	victim string // that connection's far end
	killed chan struct{}
}

// newFront starts a front before the story's stand-in.
func newFront(s *story) *front {
	s.t.Helper()
	f := &front{}
	f.serve(s, nil)
	return f
}

// newTLSFront starts one that speaks TLS, and returns the certificate to trust as PEM.
func newTLSFront(s *story) (*front, string) {
	s.t.Helper()
	bad, _ := newCertificate(s.t)
	good, pem := newCertificate(s.t)
	f := &front{}
	f.serve(s, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.certificate(bad, good)})
	return f, pem
}

// serve serves until the test ends.
func (f *front) serve(s *story, over *tls.Config) {
	s.t.Helper()
	f.next, f.kill = s.stand, s.server.Kill
	listener, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	f.url = "http://" + listener.Addr().String() + pagerduty.Path
	server := &http.Server{Handler: f, ConnState: f.connection, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	server.SetKeepAlivesEnabled(false)
	if over != nil {
		f.url = strings.Replace(f.url, "http:", "https:", 1)
		listener = tls.NewListener(listener, over)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.t.Cleanup(func() {
		_ = server.Close() // what still hangs ends
		<-ended
	})
}

// arm kills the server at a moment of the n-th send from now, and returns what is closed then.
func (f *front) arm(at sendMoment, n int) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.armed(at, n)
}

func (f *front) armed(at sendMoment, n int) <-chan struct{} {
	f.at, f.ahead, f.victim, f.killed = at, n, "", make(chan struct{})
	return f.killed
}

// distrust shows so many of the next connections a certificate that nobody vouches for.
func (f *front) distrust(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.distrusted = n
}

// leave lets every request break off from now on, and comeBack ends that and arms.
func (f *front) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = true
}

func (f *front) comeBack(at sendMoment) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = false
	return f.armed(at, 1)
}

// connection sees connections begin and end.
func (f *front) connection(conn net.Conn, state http.ConnState) {
	far := conn.RemoteAddr().String()
	switch state {
	case http.StateNew:
		f.mu.Lock()
		if f.ahead--; f.ahead == 0 {
			f.victim = far
		}
		f.mu.Unlock()
		if f.dies(far, before) {
			_ = conn.Close() // what the system had taken in by then is not read
		}
	case http.StateClosed:
		f.dies(far, after)
	}
}

// dies kills the server if this is the moment, and reports whether it was.
func (f *front) dies(far string, now sendMoment) bool {
	f.mu.Lock()
	is := f.victim == far && f.at == now
	if is {
		f.victim = ""
	}
	killed := f.killed
	f.mu.Unlock()
	if is {
		f.kill()
		close(killed)
	}
	return is
}

// dying reports whether the server is to be killed at this moment of the connection.
func (f *front) dying(far string, at sendMoment) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.victim == far && f.at == at
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	away := f.away
	f.mu.Unlock()
	if away {
		_, _ = io.Copy(io.Discard, r.Body) // it breaks off whatever was read
		f.dies(r.RemoteAddr, during)
		panic(http.ErrAbortHandler) // net/http's way to break off
	}
	if f.dying(r.RemoteAddr, during) {
		f.unanswered(r)
		panic(http.ErrAbortHandler)
	}
	taken := &hijacking{ResponseWriter: w}
	f.next.ServeHTTP(taken, r)
	if taken.over { // no end is told of a connection that was taken over
		f.dies(r.RemoteAddr, after)
	}
}

// unanswered lets the request be treated and kills the server before it hears of that.
func (f *front) unanswered(r *http.Request) {
	treated := make(chan struct{})
	go func() {
		defer close(treated)
		defer func() { _ = recover() }() // a fault that leaves an answer unfinished
		f.next.ServeHTTP(httptest.NewRecorder(), r)
	}()
	select {
	case <-treated:
	case <-time.After(300 * time.Millisecond): // it hangs until the sender is gone
	}
	f.dies(r.RemoteAddr, during)
	<-treated
}

// hijacking notes that a connection was taken over.
type hijacking struct {
	http.ResponseWriter
	over bool
}

// Hijack implements http.Hijacker.
func (h *hijacking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.over = true
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach what is beneath.
func (h *hijacking) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// certificate shows distrusted for as many connections as was asked for, then trusted.
func (f *front) certificate(distrusted, trusted *tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		f.mu.Lock()
		bad := f.distrusted > 0
		f.distrusted = max(0, f.distrusted-1)
		f.mu.Unlock()
		if !bad {
			return trusted, nil
		}
		f.dies(hello.Conn.RemoteAddr().String(), during)
		return distrusted, nil
	}
}

// newCertificate makes a certificate for loopback, and returns it with its PEM form.
func newCertificate(t *testing.T) (*tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
