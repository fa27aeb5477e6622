package sampling

import (
	"errors"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of OTLP's messages that lead to spans: TracesData, ResourceSpans, ScopeSpans.
// (https://github.com/open-telemetry/opentelemetry-proto)
const (
	fieldResource protowire.Number = 1
	fieldScope    protowire.Number = 2
	fieldSpan     protowire.Number = 2
)

// The fields by which a span has an attribute with text: Span, KeyValue, AnyValue.
const (
	fieldAttribute protowire.Number = 9
	fieldKey       protowire.Number = 1
	fieldValue     protowire.Number = 2
	fieldText      protowire.Number = 1
)

var errBytes = errors.New("read marshalled spans: they are not as they were written")

// chunk is one batch of spans as bytes.
type chunk struct {
	came      time.Time
	bytes     []byte
	resources []resource
	// spans are all of the batch, in order.
	spans []held
	// marks are attributes of the spans that the bytes don't have, in the order of the spans.
	marks []spanMark
}

// spanMark is an attribute of one span of a chunk: its value, as its name is the same for all.
type spanMark struct {
	span  int
	value string
}

// resource is what a batch has of one resource: the bytes besides its scopes, and its scopes.
type resource struct {
	own    []byte
	scopes []scope
}

// scope is the bytes besides its spans, and which spans of the chunk are its own.
type scope struct {
	own      []byte
	from, to int
}

// held is one span: the hash of its trace id, and where its bytes are.
type held struct {
	trace    uint64
	from, to uint32
}

// fields calls yield for each field of a message with the whole of it and its content; content
// is nil for what is no bytes.
func fields(msg []byte, yield func(number protowire.Number, whole, content []byte)) error {
	for len(msg) > 0 {
		number, kind, tag := protowire.ConsumeTag(msg)
		if tag < 0 {
			return errBytes
		}
		size := protowire.ConsumeFieldValue(number, kind, msg[tag:])
		if size < 0 {
			return errBytes
		}
		var content []byte
		if kind == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(msg[tag:])
		}
		yield(number, msg[:tag+size], content)
		msg = msg[tag+size:]
	}
	return nil
}

// cut finds the spans in the chunk's bytes. traces are the hashes of their trace ids, in order.
func (c *chunk) cut(traces []uint64) error {
	c.spans = make([]held, 0, len(traces))
	var inner error
	err := fields(c.bytes, func(number protowire.Number, _, content []byte) {
		if number == fieldResource {
			inner = errors.Join(inner, c.cutResource(content, traces))
		}
	})
	if err = errors.Join(err, inner); err != nil {
		return err
	}
	if len(c.spans) != len(traces) {
		return errBytes
	}
	return nil
}

func (c *chunk) cutResource(msg []byte, traces []uint64) error {
	var r resource
	var inner error
	err := fields(msg, func(number protowire.Number, whole, content []byte) {
		if number != fieldScope {
			r.own = append(r.own, whole...)
			return
		}
		s := scope{from: len(c.spans)}
		inner = errors.Join(inner, fields(content, func(number protowire.Number, whole, _ []byte) {
			if number != fieldSpan {
				s.own = append(s.own, whole...)
				return
			}
			if n := len(c.spans); n < len(traces) {
				at := uint32(cap(c.bytes) - cap(whole)) //nolint:gosec // bodies are below 4 GiB
				c.spans = append(c.spans, held{trace: traces[n], from: at, to: at + uint32(len(whole))})
			}
		}))
		s.to = len(c.spans)
		r.scopes = append(r.scopes, s)
	})
	c.resources = append(c.resources, r)
	return errors.Join(err, inner)
}

// only returns the bytes of those spans that are to be kept, with their marks by the given name, their
// scopes and resources; nil for none.
func (c *chunk) only(kept []bool, name string) []byte {
	var all []byte
	marks := c.marks
	for _, r := range c.resources {
		var scopes []byte
		for _, s := range r.scopes {
			var spans []byte
			for i := s.from; i < s.to; i++ {
				whole := c.bytes[c.spans[i].from:c.spans[i].to]
				marked := len(marks) > 0 && marks[0].span == i
				switch {
				case kept[i] && marked:
					spans = appendMarked(spans, whole, name, marks[0].value)
				case kept[i]:
					spans = append(spans, whole...)
				}
				if marked {
					marks = marks[1:]
				}
			}
			if len(spans) > 0 {
				scopes = protowire.AppendTag(scopes, fieldScope, protowire.BytesType)
				scopes = protowire.AppendBytes(scopes, append(spans, s.own...))
			}
		}
		if len(scopes) > 0 {
			all = protowire.AppendTag(all, fieldResource, protowire.BytesType)
			all = protowire.AppendBytes(all, append(scopes, r.own...))
		}
	}
	return all
}

// appendMarked appends a span, given with its tag and length, with one more attribute. A list goes on
// wherever its message does, so the attribute stands behind all that was there.
func appendMarked(to, whole []byte, name, value string) []byte {
	_, _, tag := protowire.ConsumeTag(whole)
	content, _ := protowire.ConsumeBytes(whole[tag:])
	var pair []byte
	pair = protowire.AppendTag(pair, fieldKey, protowire.BytesType)
	pair = protowire.AppendString(pair, name)
	text := protowire.AppendString(protowire.AppendTag(nil, fieldText, protowire.BytesType), value)
	pair = protowire.AppendTag(pair, fieldValue, protowire.BytesType)
	pair = protowire.AppendBytes(pair, text)
	attribute := protowire.AppendBytes(protowire.AppendTag(nil, fieldAttribute, protowire.BytesType), pair)
	to = protowire.AppendTag(to, fieldSpan, protowire.BytesType)
	to = protowire.AppendVarint(to, uint64(len(content)+len(attribute)))
	return append(append(to, content...), attribute...)
}
