package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// The form of SQLite's write-ahead log: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. All
// numbers are big-endian; only the sums are made in the order that the header names.
const (
	walHeaderSize   = 32
	frameHeaderSize = 24
	walMagic        = 0x377f0682 // with 1 more the sums are big-endian
	// mostPage is the largest page of SQLite.
	mostPage = 65536
	// walChunk is about how much of a log is taken at once.
	walChunk = 8 << 20
)

// errNoWAL means that a log has no header that can be read, as before its first commit.
var errNoWAL = errors.New("no write-ahead log")

// walTail is how far a log was taken: up to the end of a commit, and the sum up to there, by which the next
// frame tells that it follows.
type walTail struct {
	header [walHeaderSize]byte
	offset int64
	sums   [2]uint32
}

// begin reads the header of a log.
func beginWAL(r io.ReaderAt) (walTail, error) {
	t := walTail{offset: walHeaderSize}
	if _, err := r.ReadAt(t.header[:], 0); err != nil {
		if errors.Is(err, io.EOF) {
			return t, errNoWAL
		}
		return t, err
	}
	h := t.header[:]
	if size := t.pageSize(); binary.BigEndian.Uint32(h)&^1 != walMagic || size < 512 || size > mostPage || size&(size-1) != 0 {
		return t, errNoWAL
	}
	t.sum(h[:24])
	if !t.agrees(h[24:]) {
		return t, errNoWAL
	}
	return t, nil
}

func (t *walTail) pageSize() int { return int(binary.BigEndian.Uint32(t.header[8:])) }

// follows reports whether the log is still the same: its salts change when it begins anew.
func (t *walTail) follows(now walTail) bool {
	return bytes.Equal(t.header[16:24], now.header[16:24])
}

// sum goes on with the sums over more bytes, whose number is a multiple of 8.
func (t *walTail) sum(b []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if t.header[3]&1 == 1 {
		order = binary.BigEndian
	}
	for ; len(b) >= 8; b = b[8:] {
		t.sums[0] += order.Uint32(b) + t.sums[1]
		t.sums[1] += order.Uint32(b[4:]) + t.sums[0]
	}
}

// agrees compares the sums with those that are written.
func (t *walTail) agrees(written []byte) bool {
	return t.sums[0] == binary.BigEndian.Uint32(written) && t.sums[1] == binary.BigEndian.Uint32(written[4:])
}

// next returns the commits behind the tail, and the tail behind them; none where nothing was committed
// since. What is only half written, or left over from a log before, is none. It returns about 8 MiB, or one commit that is larger.
func (t walTail) next(r io.ReaderAt) ([]byte, walTail, error) {
	size := frameHeaderSize + t.pageSize()
	var taken, pending []byte
	done, at := t, t
	frame := make([]byte, size)
	for {
		_, err := r.ReadAt(frame, at.offset)
		if errors.Is(err, io.EOF) {
			return taken, done, nil
		}
		if err != nil {
			return nil, t, err
		}
		at.sum(frame[:8])
		at.sum(frame[frameHeaderSize:])
		if !bytes.Equal(frame[8:16], t.header[16:24]) || !at.agrees(frame[16:]) {
			return taken, done, nil
		}
		at.offset += int64(size)
		pending = append(pending, frame...)
		if binary.BigEndian.Uint32(frame[4:]) == 0 {
			continue // the commit comes in a later frame
		}
		taken, pending, done = append(taken, pending...), pending[:0], at
		if len(taken) >= walChunk {
			return taken, done, nil
		}
	}
}
