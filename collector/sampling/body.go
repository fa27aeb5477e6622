package sampling

import (
	"bytes"
	"context"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// bodyKey is under which a context has the body of a request.
type bodyKey struct{}

// WithBody says that the spans of a request came as this protobuf, and that nothing changes them on
// their way to a Sampler but for its mark. The sampler then holds a copy of the body and need
// not marshal the spans again, which took a ninth of the whole pipeline's CPU time. The body may be
// used for something else once ConsumeTraces has returned.
func WithBody(ctx context.Context, body []byte) context.Context {
	return context.WithValue(ctx, bodyKey{}, body)
}

// asItCame holds spans as the body that they came in, with their marks beside it. It is nil where the
// body is not known, or names the mark itself: what its sender marked is no mark.
func (s *Sampler) asItCame(ctx context.Context, td ptrace.Traces, ids []uint64) *chunk {
	body, ok := ctx.Value(bodyKey{}).([]byte)
	if !ok || bytes.Contains(body, []byte(s.mark)) {
		return nil
	}
	c := &chunk{came: s.now(), bytes: append(make([]byte, 0, len(body)), body...)}
	c.bytes = c.bytes[:len(body):len(body)]
	if c.cut(ids) != nil {
		return nil
	}
	for i, sp := range spansOf(td) {
		if value, marked := sp.Attributes().Get(s.mark); marked {
			c.marks = append(c.marks, spanMark{i, value.AsString()})
		}
	}
	return c
}
