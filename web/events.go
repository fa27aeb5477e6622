package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/web/limits"
)

const (
	// watchEvery is how often a stream looks for a new version, and quiet the
	// least time between two events, so that a storm of changes stays readable.
	watchEvery = 250 * time.Millisecond
	quiet      = time.Second
	// comeBack is after how long a reader that lost the stream asks for it again.
	comeBack = 3 * time.Second
	// heartbeat is the longest silence of a healthy stream.
	heartbeat = 15 * time.Second
)

// tick is one event: the version of all that is shown, and when it was read.
type tick struct {
	Version uint64    `json:"version"`
	At      time.Time `json:"at"`
	Open    int       `json:"open"`
}

// apiEvents is the one live stream: an event at once, one after each change,
// and one every 15 seconds without a change, so that a reader can tell quiet
// from lost.
func (s *server) apiEvents(c *gin.Context) {
	address := networkOf(s.address(c.Request))
	if full := s.gates.streams.Take(address); full != limits.NotFull {
		c.Header("Retry-After", "30")
		whose := map[limits.Full]string{limits.FullAll: "Too many live streams are open.", limits.FullClient: "Too many live streams are open from your address."}
		s.refuse(c, refusedStreams, http.StatusServiceUnavailable, whose[full], "Close some pages, or wait.")
		return
	}
	defer s.gates.streams.Leave(address)
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	c.Writer.WriteHeader(http.StatusOK)
	out := http.NewResponseController(c.Writer)

	if _, err := fmt.Fprintf(c.Writer, "retry: %d\n\n", comeBack.Milliseconds()); err != nil {
		return
	}
	watch := time.NewTicker(watchEvery)
	defer watch.Stop()
	var sent tick
	for first := true; ; first = false {
		now, version := s.Now(), s.Engine.Version()
		age := now.Sub(sent.At)
		if age >= heartbeat && !s.stillIn(c.Request) {
			return // the page then finds out that it has to sign in
		}
		if first || age >= heartbeat || (version != sent.Version && age >= quiet) {
			sent = tick{version, now, s.openCount(c.Request.Context())}
			if err := writeTick(c, out, sent); err != nil {
				return // the reader went away
			}
		}
		select {
		case <-c.Request.Context().Done():
			return
		case <-s.Stopping:
			return
		case <-watch.C:
		}
	}
}

// writeTick sends one event and pushes the server's write deadline past the
// next heartbeat.
func writeTick(c *gin.Context, out *http.ResponseController, t tick) error {
	if err := out.SetWriteDeadline(time.Now().Add(2 * heartbeat)); err != nil && c.Request.Context().Err() != nil {
		return err
	}
	data, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode live event: %w", err)
	}
	if _, err := fmt.Fprintf(c.Writer, "event: state\nid: %d\ndata: %s\n\n", t.Version, data); err != nil {
		return err
	}
	return out.Flush()
}
