// Package unread takes what is left of a request's body once it is answered.
package unread

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// most is how much of a body is taken, in bytes: as much as Go's HTTP/2 lets a client send
	// before anything of it is read.
	most = 1 << 20
	// wait is how long the rest may take to come.
	wait = 2 * time.Second
)

// Take returns next such that clients get its whole answer where it does not read the body to its end,
// as when it refuses who sends. Over HTTP/2 the server would end the stream by RST_STREAM (RFC 9113,
// section 8.1), and curl, for one, throws the answer away then. So the answer goes out first, and then the rest
// of the body is taken, of up to 1 MiB and for up to two seconds. Over HTTP/1 net/http does so by itself.
func Take(next http.Handler) http.Handler { return take(next, most, wait) }

func take(next http.Handler, most int64, wait time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.ProtoMajor < 2 || req.Body == nil || req.Body == http.NoBody {
			next.ServeHTTP(w, req)
			return
		}
		body := &watched{ReadCloser: req.Body}
		req.Body = body
		next.ServeHTTP(w, req)
		if body.ended.Load() {
			return
		}
		// A client that has gone, or is too slow, gets no more than it has.
		control := http.NewResponseController(w)
		if errors.Join(control.Flush(), control.SetReadDeadline(time.Now().Add(wait))) == nil {
			_, _ = io.CopyN(io.Discard, body, most)
		}
	})
}

// watched is a body that knows whether it was read to its end, or can't be read any more.
type watched struct {
	io.ReadCloser
	ended atomic.Bool
}

// Read implements io.Reader.
func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.ended.Store(true)
	}
	return n, err
}
