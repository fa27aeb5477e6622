// Package repeat does one thing again and again, and tells once while it fails.
package repeat

import (
	"context"
	"time"
)

// Every does a step at once and then every so often until ctx ends, and returns nil. warn is told of a failure that
// follows a success, or nothing: what goes on failing is told once.
func Every(ctx context.Context, d time.Duration, step func(context.Context) error, warn func(error)) error {
	tick := time.NewTicker(d)
	defer tick.Stop()
	failing := false
	for {
		err := step(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			warn(err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
