package collector

import (
	"context"
	"sync"
)

// rejections is what of one request was not stored. The receiver puts it into
// the request's context, the exporter fills it, and the receiver answers it as
// OTLP's partial success. A processor that starts contexts of its own, such as
// batch, loses it: then rejections are only counted.
type rejections struct {
	mu     sync.Mutex
	points int64
	reason string
}

type rejectionsKey struct{}

// withRejections returns a context that collects rejections.
func withRejections(ctx context.Context) (context.Context, *rejections) {
	r := &rejections{}
	return context.WithValue(ctx, rejectionsKey{}, r), r
}

// reject tells the sender, if it can be reached, of rejected points.
func reject(ctx context.Context, points int64, reason string) {
	r, ok := ctx.Value(rejectionsKey{}).(*rejections)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.points += points
	if r.reason == "" {
		r.reason = reason
	}
}

// get returns what was rejected; 0 and "" when all was stored.
func (r *rejections) get() (points int64, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.points, r.reason
}
