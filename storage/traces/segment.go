package traces

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// parts is into how many segments the bounds are divided, so that about that share of
// everything goes when the oldest segment goes.
const parts = 32

// segment is one file.
type segment struct {
	path string
	file *os.File
	size int64
	// oldest and newest are when its first and last record were written, in
	// Unix nanoseconds.
	oldest, newest int64
	// traces are those with a record in the segment, pieces how many records it has.
	traces []pcommon.TraceID
	pieces int
	// sealed is set when nothing may be written to it any more.
	sealed bool
	// unread is set when a newer program wrote some of it.
	unread bool
	// gone is set when the file was removed.
	gone bool
}

// seal ends a file, of which some is not read. It goes with its size and age like any other.
func (g *segment) seal(info os.FileInfo) {
	g.sealed, g.unread, g.size = true, true, info.Size()
	g.newest = max(g.newest, info.ModTime().UnixNano())
	if g.oldest == 0 {
		g.oldest = g.newest
	}
}

// append writes a record at the end and returns where. A record that could
// not be written whole is taken back.
func (g *segment) append(record []byte) (int64, error) {
	at := g.size
	if _, err := g.file.WriteAt(record, at); err != nil {
		if cut := g.file.Truncate(at); cut != nil {
			g.sealed = true
			return 0, errors.Join(err, cut)
		}
		return 0, err
	}
	g.size += int64(len(record))
	return at, nil
}

func (g *segment) remove() error {
	g.gone = true
	return errors.Join(g.file.Close(), os.Remove(g.path))
}

// verify checks the body of the record at the end of what was read so far.
func (g *segment) verify(p prefix) error {
	body := make([]byte, p.body)
	if _, err := g.file.ReadAt(body, g.size+prefixLen+p.head); err != nil {
		return err
	}
	if checksum(body) != p.bodySum {
		return errDamaged
	}
	return nil
}

// record reads the bytes of a record.
func (g *segment) record(at int64) ([]byte, error) {
	b := make([]byte, prefixLen)
	if _, err := g.file.ReadAt(b, at); err != nil {
		return nil, err
	}
	var p prefix
	if err := p.unmarshal(b); err != nil {
		return nil, err
	}
	record := make([]byte, p.length())
	_, err := g.file.ReadAt(record, at)
	return record, err
}

// writable returns the segment to write to, a new one when the last is full.
// The store is locked.
func (s *Store) writable(of *series, now time.Time) (*segment, error) {
	if last := of.last(); last != nil {
		young := now.UnixNano()-last.oldest < s.opts.Retention.Nanoseconds()/parts
		if !last.sealed && last.size < s.opts.MaxBytes/parts && last.pieces < max(1, s.opts.MaxTraces/parts) && young {
			return last, nil
		}
		if err := last.file.Sync(); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(s.opts.Dir, fmt.Sprintf("%016d%s", s.number+1, of.suffix))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	s.number++
	seg := &segment{path: path, file: f, oldest: now.UnixNano(), newest: now.UnixNano()}
	of.add(seg)
	return seg, nil
}

// whole reads all pieces of a trace as one, and how large they are on disk. A span that came
// twice is there once. The lock is held for each read only, so that no search delays what
// comes in.
func (s *Store) whole(id pcommon.TraceID) (ptrace.Traces, int64, error) {
	all, size := ptrace.NewTraces(), int64(0)
	records, err := s.records(id)
	if err != nil {
		return all, 0, err
	}
	for _, record := range records {
		piece, err := s.decodeBody(record)
		if err != nil {
			return all, size, fmt.Errorf("read trace %s: %w", id, err)
		}
		size += int64(len(record))
		piece.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	once(all)
	return all, size, nil
}

// records returns the bytes of a trace's records.
func (s *Store) records(id pcommon.TraceID) ([][]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.index[id]
	if !ok || s.closed {
		return nil, ErrNotFound
	}
	records := make([][]byte, 0, len(e.pieces))
	for _, p := range e.pieces {
		record, err := p.seg.record(p.at)
		if err != nil {
			return nil, fmt.Errorf("read trace %s: %w", id, err)
		}
		records = append(records, record)
	}
	return records, nil
}
