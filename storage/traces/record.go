package traces

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// A record is: lengths of head and body, their checksums (CRC-32C), the head,
// the body. All numbers are little-endian. The head has what the index needs,
// so that opening reads no bodies; the body is OTLP TracesData, compressed.
const (
	prefixLen = 16
	// version is the first byte of every head.
	version = 2
	// headFixed is the length of a head without its filter.
	headFixed = 1 + 16 + 8 + 8 + 8 + 1 + 2
	maxHead   = headFixed + mostBloom
	// maxPiece is the largest piece of a trace, before compression.
	maxPiece = 32 << 20
)

const (
	flagFailed = 1 << iota
	flagMarked
)

var (
	errTorn    = errors.New("the record is torn")
	errDamaged = errors.New("the record is damaged")
	errNewer   = errors.New("a newer program wrote the record")
)

// castagnoli has hardware support on all common processors.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// head is what the index keeps of a record.
type head struct {
	id         pcommon.TraceID
	start, end int64 // Unix nanoseconds
	written    int64
	// failed is true where a span has the status error, marked where one is bad for an SLO.
	failed, marked bool
	keys           bloom
}

// bad reports whether the record is of a trace that is kept before others.
func (h *head) bad() bool { return h.failed || h.marked }

// headOf sums up one piece of a trace.
func headOf(id pcommon.TraceID, piece ptrace.Traces, now time.Time) head {
	sum := tracesearch.Summarize(id, piece)
	return head{
		id: id, start: sum.Start, end: sum.End, written: now.UnixNano(),
		failed: sum.Errors > 0, marked: len(sum.SLOs) > 0, keys: bloomOf(piece),
	}
}

func (h *head) marshal() []byte {
	b := make([]byte, 0, headFixed+len(h.keys))
	b = append(b, version)
	b = append(b, h.id[:]...)
	for _, v := range []int64{h.start, h.end, h.written} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	var flags byte
	if h.failed {
		flags |= flagFailed
	}
	if h.marked {
		flags |= flagMarked
	}
	b = append(b, flags)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.keys)))
	return append(b, h.keys...)
}

func (h *head) unmarshal(b []byte) error {
	switch {
	case len(b) > 0 && b[0] > version: // what its sums say is as it was written
		return errNewer
	case len(b) < headFixed || b[0] != version:
		return errDamaged
	}
	copy(h.id[:], b[1:])
	b = b[17:]
	for _, v := range []*int64{&h.start, &h.end, &h.written} {
		*v = int64(binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	h.failed, h.marked = b[0]&flagFailed != 0, b[0]&flagMarked != 0
	n := int(binary.LittleEndian.Uint16(b[1:]))
	if b = b[3:]; n != len(b) || !validBloom(n) {
		return errDamaged
	}
	h.keys = append(bloom(nil), b...)
	return nil
}

// prefix is the fixed start of a record.
type prefix struct {
	head, body       int64
	headSum, bodySum uint32
}

// length is that of the whole record.
func (p prefix) length() int64 { return prefixLen + p.head + p.body }

func (p *prefix) unmarshal(b []byte) error {
	if len(b) < prefixLen {
		return errTorn
	}
	p.head = int64(binary.LittleEndian.Uint32(b))
	p.body = int64(binary.LittleEndian.Uint32(b[4:]))
	p.headSum = binary.LittleEndian.Uint32(b[8:])
	p.bodySum = binary.LittleEndian.Uint32(b[12:])
	if p.head < headFixed || p.head > maxHead || p.body > maxPiece {
		return errDamaged
	}
	return nil
}

// decodeHead reads prefix and head from the start of b.
func decodeHead(b []byte) (prefix, head, error) {
	var p prefix
	var h head
	if err := p.unmarshal(b); err != nil {
		return p, h, err
	}
	if int64(len(b)) < prefixLen+p.head {
		return p, h, errTorn
	}
	raw := b[prefixLen : prefixLen+p.head]
	if checksum(raw) != p.headSum {
		return p, h, errDamaged
	}
	return p, h, h.unmarshal(raw)
}

func (s *Store) encode(h head, piece ptrace.Traces) ([]byte, error) {
	var m ptrace.ProtoMarshaler
	if size := m.TracesSize(piece); size > maxPiece {
		return nil, fmt.Errorf("%d bytes are more than one piece of a trace may have (%d)", size, maxPiece)
	}
	raw, err := m.MarshalTraces(piece)
	if err != nil {
		return nil, err
	}
	hb := h.marshal()
	record := make([]byte, prefixLen, prefixLen+len(hb)+len(raw)/2)
	record = append(record, hb...)
	record = s.enc.EncodeAll(raw, record)
	body := record[prefixLen+len(hb):]
	binary.LittleEndian.PutUint32(record, uint32(len(hb)))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(body)))
	binary.LittleEndian.PutUint32(record[8:], checksum(hb))
	binary.LittleEndian.PutUint32(record[12:], checksum(body))
	return record, nil
}

// decodeBody reads the body of a whole record.
func (s *Store) decodeBody(record []byte) (ptrace.Traces, error) {
	p, _, err := decodeHead(record)
	if err != nil {
		return ptrace.NewTraces(), err
	}
	if int64(len(record)) < p.length() {
		return ptrace.NewTraces(), errTorn
	}
	body := record[prefixLen+p.head : p.length()]
	if checksum(body) != p.bodySum {
		return ptrace.NewTraces(), errDamaged
	}
	raw, err := s.dec.DecodeAll(body, nil)
	if err != nil {
		return ptrace.NewTraces(), fmt.Errorf("decompress: %w", err)
	}
	var m ptrace.ProtoUnmarshaler
	return m.UnmarshalTraces(raw)
}
