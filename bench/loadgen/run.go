package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a load is sent.
type Options struct {
	// Connections is how many requests are under way at a time. Default 4.
	Connections int
	// Duration ends the run; 0 sends Rounds rounds.
	Duration time.Duration
	// Rounds ends the run where Duration is 0.
	Rounds int
	// From is the time of the first round's points, and each round is Step
	// after the one before.
	From time.Time
	Step time.Duration
	// Done is how many rounds of the load were sent before, so that counters
	// rise on and times go on.
	Done int
}

// Result is what a run did.
type Result struct {
	// Rounds, Points and Requests were sent and accepted; Failed requests were not.
	Rounds, Points, Requests, Failed int
	Elapsed                          time.Duration
	// Err is the first failure.
	Err error
}

// Run sends a load until the time or the rounds are over. Each series' points
// are sent in order. Failed requests are counted and not repeated; the error
// is that of ctx.
func (l *Load) Run(ctx context.Context, to Sender, o Options) (Result, error) {
	if o.Connections <= 0 {
		o.Connections = 4
	}
	var res Result
	began := time.Now()
	for ; o.Duration > 0 && time.Since(began) < o.Duration || o.Duration == 0 && res.Rounds < o.Rounds; res.Rounds++ {
		if err := ctx.Err(); err != nil {
			return res, err
		}
		round := o.Done + res.Rounds
		l.round(ctx, to, o.Connections, o.From.Add(time.Duration(round)*o.Step), uint64(round+1), &res)
	}
	res.Elapsed = time.Since(began)
	return res, nil
}

// round sends every request once.
func (l *Load) round(ctx context.Context, to Sender, connections int, at time.Time, number uint64, res *Result) {
	var (
		next  atomic.Int64
		mu    sync.Mutex
		ended sync.WaitGroup
	)
	for range connections {
		ended.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(l.requests)); i = next.Add(1) - 1 {
				r := l.requests[i]
				r.set(at.UnixNano(), number)
				err := to.Send(ctx, r.body)
				mu.Lock()
				if err == nil {
					res.Requests++
					res.Points += r.points
				} else {
					res.Failed++
					if res.Err == nil {
						res.Err = fmt.Errorf("send: %w", err)
					}
				}
				mu.Unlock()
			}
		})
	}
	ended.Wait()
}

// errStatus is an answer other than success.
var errStatus = errors.New("the server refused")
