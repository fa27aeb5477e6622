package limits

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// line is a connection whose body comes in pieces, each after a while, and that keeps to deadlines.
type line struct {
	*httptest.ResponseRecorder
	pieces   []string
	pause    time.Duration
	deadline time.Time
}

func (l *line) SetReadDeadline(at time.Time) error {
	l.deadline = at
	return nil
}

func (l *line) Read(p []byte) (int, error) {
	if len(l.pieces) == 0 {
		return 0, io.EOF
	}
	if at := time.Now().Add(l.pause); at.After(l.deadline) {
		time.Sleep(time.Until(l.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	time.Sleep(l.pause)
	n := copy(p, l.pieces[0])
	if l.pieces[0] = l.pieces[0][n:]; l.pieces[0] == "" {
		l.pieces = l.pieces[1:]
	}
	return n, nil
}

func TestABodyHasToComeInTime(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces int
		pause  time.Duration
		want   error
		took   time.Duration
	}{
		{"one that comes slowly comes", 9, time.Second, nil, 9 * time.Second},
		{"one that stops is given up", 1, time.Hour, ErrSlow, 5 * time.Second},
		{"one that trickles is given up too", 1000, 4 * time.Second, ErrSlow, 20 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, began := NewBodies(1<<20, 1<<20, 5*time.Second, 20*time.Second), time.Now()
				l := &line{ResponseRecorder: httptest.NewRecorder(), pieces: slices.Repeat([]string{"x"}, c.pieces), pause: c.pause}
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", l)
				leave, err := b.Read(l, r, "a", 1<<10)
				if !errors.Is(err, c.want) || time.Since(began) != c.took {
					t.Fatalf("after %s: %v", time.Since(began), err)
				}
				if err != nil {
					if l.Header().Get("Connection") != "close" || b.room.all != 0 {
						t.Errorf("Connection %q, %d bytes are held", l.Header().Get("Connection"), b.room.all)
					}
					return
				}
				if !l.deadline.IsZero() {
					t.Error("the answer has the deadline of the body")
				}
				if body, err := io.ReadAll(r.Body); err != nil || string(body) != strings.Repeat("x", c.pieces) {
					t.Errorf("it is read again as %q: %v", body, err)
				}
				leave()
				if b.room.all != 0 || len(b.room.ofOne) != 0 {
					t.Errorf("%d bytes are held after it", b.room.all)
				}
			})
		})
	}
}

func TestOnlySoMuchOfABodyIsRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		length  int
		said    int64
		tooLong bool
	}{
		{"none", 0, 0, false},
		{"as much as may be", 10_000, 10_000, false},
		{"as much as may be, of no said length", 10_000, -1, false},
		{"a byte more", 10_001, 10_001, true},
		{"far more", 1 << 20, 1 << 20, true},
		{"far more, of no said length", 1 << 20, -1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewBodies(20_000, 20_000, time.Minute, time.Minute)
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", c.length)))
			r.ContentLength = c.said
			leave, err := b.Read(httptest.NewRecorder(), r, "a", 10_000)
			if err != nil {
				t.Fatal(err)
			}
			defer leave()
			if b.room.all > 10_001 {
				t.Errorf("it takes %d bytes", b.room.all)
			}
			body, err := io.ReadAll(r.Body)
			var large *http.MaxBytesError
			if errors.As(err, &large) != c.tooLong || len(body) != min(c.length, 10_001) {
				t.Errorf("%d bytes are read: %v", len(body), err)
			}
		})
	}
}

func TestBodiesOfOneClientLeaveRoomForOthers(t *testing.T) {
	b := NewBodies(20_000, 12_000, time.Minute, time.Minute)
	read := func(client string) (func(), error) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 7_999)))
		return b.Read(httptest.NewRecorder(), r, client, 10_000)
	}
	leave, err := read("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read("a"); !errors.Is(err, ErrBusy) {
		t.Errorf("a second one of the same client: %v", err)
	}
	leaveOther, err := read("b")
	if err != nil {
		t.Fatalf("another client: %v", err)
	}
	if _, err := read("c"); !errors.Is(err, ErrBusy) {
		t.Errorf("when all is taken: %v", err)
	}
	leave()
	leaveOther()
	if leave, err = read("a"); err != nil {
		t.Fatalf("when it is free again: %v", err)
	}
	leave()
	if b.room.all != 0 || len(b.room.ofOne) != 0 {
		t.Errorf("%d bytes of %d clients are held after all", b.room.all, len(b.room.ofOne))
	}
}
