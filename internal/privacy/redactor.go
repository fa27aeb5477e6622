package privacy

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Redactor takes out of traces what must not be stored.
type Redactor struct {
	// Hasher replaces the values of the attributes in Hash by their hashes. Values that are
	// no text are hashed as the text that they are shown as.
	Hasher *Hasher
	Hash   []string
	// Remove are attributes that are removed.
	Remove []string
}

// Traces redacts the attributes of resources, scopes, spans, events and links. It looks at
// attributes only: an id inside a name, a message or an address stays.
func (r Redactor) Traces(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		r.attributes(rs.Resource().Attributes())
		for _, ss := range rs.ScopeSpans().All() {
			r.attributes(ss.Scope().Attributes())
			for _, span := range ss.Spans().All() {
				r.attributes(span.Attributes())
				for _, event := range span.Events().All() {
					r.attributes(event.Attributes())
				}
				for _, link := range span.Links().All() {
					r.attributes(link.Attributes())
				}
			}
		}
	}
}

func (r Redactor) attributes(attrs pcommon.Map) {
	if attrs.Len() == 0 {
		return
	}
	for _, name := range r.Remove {
		attrs.Remove(name)
	}
	for _, name := range r.Hash {
		if v, ok := attrs.Get(name); ok {
			v.SetStr(r.Hasher.Hash(v.AsString()))
		}
	}
}
