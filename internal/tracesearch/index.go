package tracesearch

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Index is what is known of a trace without reading it. It may know too much, never too
// little: what it rules out is not there.
type Index interface {
	// Has reports whether the trace may have a key that Keys yields.
	Has(key uint64) bool
	// Failed reports whether a span has the status error.
	Failed() bool
	// Duration is from the first start to the last end.
	Duration() time.Duration
}

// Keys yields what an index keeps of a trace: a key for every attribute, wherever it stands,
// with each of its values, and for every name of a span.
func Keys(td ptrace.Traces, yield func(key uint64)) {
	for _, rs := range td.ResourceSpans().All() {
		attributeKeys(rs.Resource().Attributes(), yield)
		for _, ss := range rs.ScopeSpans().All() {
			attributeKeys(ss.Scope().Attributes(), yield)
			for _, span := range ss.Spans().All() {
				spanKeys(span, yield)
			}
		}
	}
}

func spanKeys(span ptrace.Span, yield func(key uint64)) {
	attributeKeys(span.Attributes(), yield)
	if len(span.Name()) <= mostIndexed {
		yield(nameKey(span.Name()))
	}
	for _, event := range span.Events().All() {
		attributeKeys(event.Attributes(), yield)
	}
	for _, link := range span.Links().All() {
		attributeKeys(link.Attributes(), yield)
	}
}

func attributeKeys(attrs pcommon.Map, yield func(key uint64)) {
	for name, v := range attrs.All() {
		texts(name, v, func(value string) bool {
			if len(value) <= mostIndexed {
				yield(attributeKey(name, value))
			}
			return true
		})
	}
}

// AttributeKey is the key of an attribute with a value, and whether the index would have it.
func AttributeKey(name, value string) (key uint64, indexed bool) {
	return attributeKey(name, value), len(value) <= mostIndexed
}

func attributeKey(name, value string) uint64 {
	return mix(fnv(fnv(fnv(offset, "a"), name)*prime, value))
}

func nameKey(name string) uint64 { return mix(fnv(fnv(offset, "n"), name)) }

const (
	offset uint64 = 14695981039346656037
	prime  uint64 = 1099511628211
)

// fnv is FNV-1a, which stays the same over restarts and releases.
func fnv(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return h
}

// mix spreads a hash over all bits (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
