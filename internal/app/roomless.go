package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"burnline/internal/datadir"
	"burnline/internal/portowner"
)

// lookAgain is how often a start that waits for room is tried.
const lookAgain = time.Second

// buildWithRoom builds the parts. Where the disk is too full for that it says so, once in the log and to whoever asks whether
// Burnline is ready, and builds them once there is room.
func buildWithRoom(ctx context.Context, o Options, down *teardown) (*parts, error) {
	for told := false; ; told = true {
		p, err := build(ctx, o, down)
		if !datadir.IsFull(err) {
			return p, err
		}
		if e := down.run(); e != nil {
			return nil, errors.Join(err, e)
		}
		if !told {
			o.Logger.Error("the start waits for room on the disk", "error", err)
		}
		if e := waitForRoom(ctx, o, err); e != nil {
			return nil, errors.Join(err, e)
		}
	}
}

// waitForRoom waits a moment, and on until the disk has room for a start, and answers HTTP requests meanwhile.
func waitForRoom(ctx context.Context, o Options, why error) error {
	set, err := load(o)
	if err != nil {
		return err
	}
	listener, err := portowner.Listen(ctx, set.Config.Server.Listen, "the web server", "choose another one with --listen or server.listen")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: drainTimeout, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/-/healthy" {
			_, _ = io.WriteString(w, "Burnline is up, and waits for room on the disk.\n")
			return
		}
		w.Header().Set("Retry-After", "10")
		http.Error(w, "Not ready: "+why.Error(), http.StatusServiceUnavailable)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	room := disk{dir: set.Config.Data, look: datadir.RoomOf}
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-ctx.Done():
			waiting = false
		case <-tick.C:
			waiting = room.start() != nil
		}
	}
	if err := server.Close(); err != nil {
		return fmt.Errorf("stop answering that the disk is full: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer that the disk is full: %w", err)
	}
	return ctx.Err()
}
