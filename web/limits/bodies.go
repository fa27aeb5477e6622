package limits

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// ErrSlow says that a body did not come in time.
var ErrSlow = errors.New("the body came too slowly; send it again")

// firstPiece is how much memory a body takes at first, in bytes; it is doubled as the body comes, so
// that who says a length and sends nothing takes no more.
const firstPiece = 4 << 10

// mostDiscarded is how much of a body that is too long is thrown away before that is said, in bytes. A client that
// still sends when its connection is closed is told of a reset instead of what is wrong. One that says beforehand that
// there is more has nothing thrown away.
const mostDiscarded = 4 << 20

// Bodies reads the bodies of requests into memory before a turn is taken for them: who begins to send
// and stops keeps nobody else from a turn. What all bodies take that are read and answered is bounded,
// and what those of one client do.
type Bodies struct {
	room         *Shares
	pause, whole time.Duration
}

// NewBodies gives the bodies of all requests so many bytes at once, and those of one client's so many
// of them. A body has to come without a pause longer than said, and as a whole within the given time.
func NewBodies(most, each int, pause, whole time.Duration) *Bodies {
	return &Bodies{NewShares(most, each), pause, whole}
}

// Read reads the body of a client's request and leaves it to be read again; the caller calls leave once
// the request is answered. Of a body longer than most bytes it reads one more than those, after which
// reading it again fails with *http.MaxBytesError: whoever bounds it finds that it is too long. Read fails
// with ErrBusy where there is no room, with ErrSlow where the body does not come, and else with what
// keeps it from being read; the answer to each ends the connection.
func (b *Bodies) Read(w http.ResponseWriter, r *http.Request, client string, most int64) (leave func(), _ error) {
	if r.Body == nil || r.Body == http.NoBody {
		return func() {}, nil
	}
	held := 0
	leave = func() { b.room.leave(client, held) }
	body, err := b.read(w, r, most, func(n int) bool {
		if b.room.take(client, n) != NotFull {
			return false
		}
		held += n
		return true
	})
	if err != nil {
		leave()
		w.Header().Set("Connection", "close") // else the server waits for the rest before it answers
		return nil, err
	}
	again := io.Reader(bytes.NewReader(body))
	if int64(len(body)) > most {
		w.Header().Set("Connection", "close")
		again = io.MultiReader(again, failing{&http.MaxBytesError{Limit: most}})
	}
	r.Body = io.NopCloser(again)
	return leave, nil
}

// read reads at most one byte more than said. It asks for room before it takes memory.
func (b *Bodies) read(w http.ResponseWriter, r *http.Request, most int64, room func(int) bool) ([]byte, error) {
	// Where the connection has no deadline, as in tests without one, nobody waits for its body.
	control, end := http.NewResponseController(w), time.Now().Add(b.whole)
	limit := most + 1
	if r.ContentLength >= 0 {
		limit = min(limit, r.ContentLength+1) // so that the end is seen without more memory
	}
	var body []byte
	for {
		if len(body) == cap(body) {
			grown := min(max(firstPiece, 2*int64(cap(body))), limit)
			if !room(int(grown) - cap(body)) {
				return nil, ErrBusy
			}
			body = append(make([]byte, 0, grown), body...)
		}
		next := time.Now().Add(b.pause)
		if next.After(end) {
			next = end
		}
		_ = control.SetReadDeadline(next)
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > most:
			if r.ContentLength <= mostDiscarded {
				_, _ = io.CopyN(io.Discard, r.Body, mostDiscarded) // the deadline stays, also for what is left after it
			}
			return body, nil
		case errors.Is(err, io.EOF):
			_ = control.SetReadDeadline(time.Time{}) // it is past once the answer takes long, and would end it
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, ErrSlow
		case err != nil:
			return nil, fmt.Errorf("read the body: %w", err)
		}
	}
}

// failing is a reader that fails.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
