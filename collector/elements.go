package collector

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	// maxElements is how many points, attributes, buckets and the like one request
	// may hold. An empty element takes two bytes of the body and a hundred or more
	// once it is decoded; ordinary ones take about fifty of the body, so that a full
	// body of 20 MiB holds less than half as many.
	maxElements = 1_000_000
	// maxNesting is how deep attribute values may nest. Decoders recurse, and a
	// stack that overflows ends the process whatever recovers from panics.
	maxNesting = 64
)

// element says which fields of an OTLP message hold further messages: those whose number has an
// element that is not nil. Every byte of every request passes here, so it is no map.
type element []element

// keyValue is a key with a value, which may be lists of values in turn.
func keyValue() element {
	value := make(element, 7)
	value[5] = element{1: value}             // array
	value[6] = element{1: element{2: value}} // keys and values
	return element{2: value}
}

// metricsRequest and tracesRequest are the messages of OTLP, as far as they lead
// to others that may be many. (https://github.com/open-telemetry/opentelemetry-proto)
func metricsRequest() element {
	attribute := keyValue()
	exemplar := element{7: attribute}
	number := element{1: {5: exemplar, 7: attribute}}
	metric := element{
		5:  number, // gauge
		7:  number, // sum
		9:  {1: {8: exemplar, 9: attribute}},
		10: {1: {1: attribute, 8: {}, 9: {}, 11: exemplar}},
		11: {1: {6: {}, 7: attribute}}, // summary
		12: attribute,                  // metadata
	}
	return element{1: {1: {1: attribute, 3: {}}, 2: {1: {3: attribute}, 2: metric}}}
}

func tracesRequest() element {
	attribute := keyValue()
	span := element{9: attribute, 11: {3: attribute}, 13: {4: attribute}, 15: {}}
	return element{1: {1: {1: attribute, 3: {}}, 2: {1: {3: attribute}, 2: span}}}
}

// tooMuch reports whether a body holds more elements than allowed, or nests them
// too deep, before anything of it is decoded. What is not well formed is left for
// the decoder to complain of.
func (e element) tooMuch(body []byte, json bool, allowed int) bool {
	if json {
		return countJSON(body, allowed) > allowed
	}
	return e.count(body, allowed, maxNesting) > allowed
}

// countJSON returns the number of objects and nulls, or something above allowed. It
// takes brackets within strings for real ones, so its bound of the depth is wide.
func countJSON(body []byte, allowed int) int {
	n, depth := bytes.Count(body, []byte("null")), 0
	for _, c := range body {
		switch c {
		case '{':
			n++
			depth++
		case '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > 100*maxNesting {
			return allowed + 1
		}
	}
	return n
}

// count returns the number of elements, or something above allowed.
func (e element) count(msg []byte, allowed, depth int) int {
	if depth == 0 {
		return allowed + 1
	}
	n := 0
	for at := 0; at < len(msg) && n <= allowed; {
		tag, next := varint(msg, at)
		if next < 0 {
			break
		}
		if protowire.Type(tag&7) != protowire.BytesType {
			if at = skip(msg, tag, next); at < 0 {
				break
			}
			continue
		}
		size, next := varint(msg, next)
		if next < 0 || size > uint64(len(msg)-next) {
			break
		}
		at = next + int(size)
		if number := tag >> 3; number < uint64(len(e)) && e[number] != nil {
			n++
			if inner := e[number]; len(inner) > 0 {
				n += inner.count(msg[next:at], allowed-n, depth-1)
			}
		}
	}
	return n
}

// varint returns the number that stands at a place and the place behind it, negative where it
// is not well formed. Nearly all tags and lengths take one byte, for which protowire's readers take
// several times as long as the rest of counting.
func varint(msg []byte, at int) (uint64, int) {
	if at < len(msg) && msg[at] < 0x80 {
		return uint64(msg[at]), at + 1
	}
	return longVarint(msg, at)
}

func longVarint(msg []byte, at int) (uint64, int) {
	v, size := protowire.ConsumeVarint(msg[at:])
	if size < 0 {
		return 0, -1
	}
	return v, at + size
}

// skip returns the place behind a value that is no message, negative where it is not well formed.
func skip(msg []byte, tag uint64, at int) int {
	number, kind := protowire.DecodeTag(tag)
	size := protowire.ConsumeFieldValue(number, kind, msg[at:])
	if size < 0 {
		return -1
	}
	return at + size
}
