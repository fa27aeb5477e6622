package traces

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const (
	extension = ".traces"
	// parts is into how many segments the bounds are divided, so that about
	// that share of everything goes when the oldest segment goes.
	parts = 16
)

// segment is one file.
type segment struct {
	number uint64
	file   *os.File
	size   int64
	// oldest and newest are when its first and last record were written, in
	// Unix nanoseconds.
	oldest, newest int64
	// traces are those with a record in the segment.
	traces []pcommon.TraceID
	// sealed is set when the end of the file can't be trusted.
	sealed bool
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
	return errors.Join(g.file.Close(), os.Remove(g.file.Name()))
}

// writable returns the segment to write to, a new one when the last is full.
// The store is locked.
func (s *Store) writable(now time.Time) (*segment, error) {
	next := uint64(1)
	if n := len(s.segments); n > 0 {
		last := s.segments[n-1]
		young := now.UnixNano()-last.oldest < s.opts.Retention.Nanoseconds()/parts
		if !last.sealed && last.size < s.opts.MaxBytes/parts && len(last.traces) < max(1, s.opts.MaxTraces/parts) && young {
			return last, nil
		}
		if err := last.file.Sync(); err != nil {
			return nil, err
		}
		next = last.number + 1
	}
	path := filepath.Join(s.opts.Dir, fmt.Sprintf("%016d%s", next, extension))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	seg := &segment{number: next, file: f, oldest: now.UnixNano(), newest: now.UnixNano()}
	s.segments = append(s.segments, seg)
	return seg, nil
}

// load opens all segments and rebuilds the index.
func (s *Store) load() error {
	paths, err := filepath.Glob(filepath.Join(s.opts.Dir, "*"+extension))
	if err != nil {
		return err
	}
	slices.Sort(paths)
	for i, path := range paths {
		number, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(path), extension), 10, 64)
		if err != nil {
			continue // not a file of ours
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		seg := &segment{number: number, file: f}
		s.segments = append(s.segments, seg)
		if err := s.scan(seg, i == len(paths)-1); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		s.bytes += seg.size
	}
	return s.bound(s.opts.Now())
}

// scan reads the heads of a segment's records, and of the last segment, where
// a write may have been cut short, the bodies too. At the first record that
// can't be read it stops; the rest of the file is cut off.
func (s *Store) scan(seg *segment, last bool) error {
	info, err := seg.file.Stat()
	if err != nil {
		return err
	}
	buf := make([]byte, prefixLen+maxHead)
	for seg.size < info.Size() {
		n, err := seg.file.ReadAt(buf, seg.size)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		p, h, err := decodeHead(buf[:n])
		if err == nil && seg.size+p.length() > info.Size() {
			err = errTorn
		}
		if err == nil && last {
			err = seg.verify(p)
		}
		if err != nil {
			s.opts.Logger.Warn("end of trace file cut off", "file", seg.file.Name(), "bytes", info.Size()-seg.size, "reason", err)
			return seg.file.Truncate(seg.size)
		}
		if seg.oldest == 0 {
			seg.oldest = h.written
		}
		s.note(seg, seg.size, h)
		seg.size += p.length()
	}
	return nil
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

// read reads one piece. The store is locked for reading.
func (s *Store) read(at place) (ptrace.Traces, error) {
	b := make([]byte, prefixLen)
	if _, err := at.seg.file.ReadAt(b, at.at); err != nil {
		return ptrace.NewTraces(), err
	}
	var p prefix
	if err := p.unmarshal(b); err != nil {
		return ptrace.NewTraces(), err
	}
	record := make([]byte, p.length())
	if _, err := at.seg.file.ReadAt(record, at.at); err != nil {
		return ptrace.NewTraces(), err
	}
	return s.decodeBody(record)
}
