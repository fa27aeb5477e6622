package traces

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/tracesearch"
)

// unfinished ends the names of files that are being written anew.
const unfinished = ".new"

// rounds is how often Forget looks again for pieces that came while it deleted.
const rounds = 3

// Forget deletes every trace in which one of the attributes has the value, as it is stored,
// and returns how many there were. The files are written anew without them, one after the
// other, while traces come in. It may be called again at any time; after an error or a kill it
// has to be.
func (s *Store) Forget(ctx context.Context, attributes []string, value string) (int, error) {
	s.forgetting.Lock()
	defer s.forgetting.Unlock()
	gone := map[pcommon.TraceID]bool{}
	for range rounds {
		found, err := s.those(ctx, tracesearch.Anywhere(attributes, value))
		if err != nil {
			return len(gone), fmt.Errorf("find the traces to forget: %w", err)
		}
		if len(found) == 0 {
			break
		}
		for id := range found {
			gone[id] = true
		}
		for seg, of := range s.holding(found) {
			if seg.unread { // its name is told below
				continue
			}
			if err := s.rewrite(ctx, of, seg, found); err != nil {
				return len(gone), fmt.Errorf("write %s without the traces to forget: %w", filepath.Base(seg.path), err)
			}
		}
	}
	if name := s.unread(); name != "" {
		return len(gone), fmt.Errorf("%s holds traces that a newer burnline wrote, which may be of them too: run that one, and forget them there", name)
	}
	return len(gone), nil
}

// unread names a file that holds what this program can't read; "" where there is none.
func (s *Store) unread() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, g := range []*series{&s.bad, &s.others} {
		for _, seg := range g.segments {
			if seg.unread {
				return filepath.Base(seg.path)
			}
		}
	}
	return ""
}

// those returns all traces with a span that meets the condition. One that can't be read is
// among them: nobody can say that it is innocent.
func (s *Store) those(ctx context.Context, where tracesearch.Expr) (map[pcommon.TraceID]bool, error) {
	found := map[pcommon.TraceID]bool{}
	for _, id := range s.possible(where) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		td, _, err := s.whole(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		sum := tracesearch.Summary{}
		if n, _ := tracesearch.Matches(td, &sum, where, 0); n > 0 || err != nil {
			found[id] = true
		}
	}
	return found, nil
}

// possible asks the index, also for what is past the retention and still stands in a file.
func (s *Store) possible(where tracesearch.Expr) []pcommon.TraceID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []pcommon.TraceID
	for id, e := range s.index {
		if tracesearch.May(where, e) {
			all = append(all, id)
		}
	}
	return all
}

// holding returns the segments that hold the traces, and seals those that are written to.
func (s *Store) holding(ids map[pcommon.TraceID]bool) map[*segment]*series {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := map[*segment]*series{}
	for id := range ids {
		if e, ok := s.index[id]; ok {
			for _, p := range e.pieces {
				of[p.seg] = nil
				p.seg.sealed = true
			}
		}
	}
	for _, g := range []*series{&s.bad, &s.others} {
		for _, seg := range g.segments {
			if _, ok := of[seg]; ok {
				of[seg] = g
			}
		}
	}
	return of
}

// rewrite replaces a sealed segment's file by one without the traces.
func (s *Store) rewrite(ctx context.Context, of *series, seg *segment, without map[pcommon.TraceID]bool) error {
	path := seg.path + unfinished
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	moved, size, err := s.copyRecords(ctx, f, seg, without)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = s.replace(of, seg, f, moved, size)
	}
	if err != nil {
		err = errors.Join(err, f.Close(), os.Remove(path))
		if errors.Is(err, errGone) {
			return nil
		}
		return err
	}
	return syncDir(s.opts.Dir)
}

// copyRecords writes the segment's other records to f and returns where each stands now.
func (s *Store) copyRecords(ctx context.Context, f *os.File, seg *segment, without map[pcommon.TraceID]bool) (map[int64]int64, int64, error) {
	moved, to := map[int64]int64{}, int64(0)
	for at := int64(0); at < seg.size; { // it is sealed: its size stays
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		record, err := s.recordOf(seg, at)
		if err != nil {
			return nil, 0, err
		}
		_, h, err := decodeHead(record)
		if err != nil {
			return nil, 0, err
		}
		if !without[h.id] {
			if _, err := f.WriteAt(record, to); err != nil {
				return nil, 0, err
			}
			moved[at] = to
			to += int64(len(record))
		}
		at += int64(len(record))
	}
	return moved, to, nil
}

// recordOf reads a record unless the segment went meanwhile.
func (s *Store) recordOf(seg *segment, at int64) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.there(seg); err != nil {
		return nil, err
	}
	return seg.record(at)
}

// replace puts the new file in the old one's place, in the folder and in the index.
func (s *Store) replace(of *series, seg *segment, f *os.File, moved map[int64]int64, size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.there(seg); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), seg.path); err != nil {
		return err
	}
	of.bytes += size - seg.size
	old := seg.file
	seg.file, seg.size = f, size
	kept := seg.traces[:0]
	for _, id := range seg.traces {
		if s.move(id, seg, of, moved) {
			kept = append(kept, id)
		}
	}
	clear(seg.traces[len(kept):])
	seg.traces = kept
	_ = old.Close() // it was only read, and nobody needs it any more
	return nil
}

// move gives a trace's pieces their new places, takes out those that have none, and reports
// whether the segment still has one.
func (s *Store) move(id pcommon.TraceID, seg *segment, of *series, moved map[int64]int64) bool {
	e, ok := s.index[id]
	if !ok {
		return false
	}
	has, pieces := false, e.pieces[:0]
	for _, p := range e.pieces {
		if p.seg == seg {
			to, stays := moved[p.at]
			if !stays {
				seg.pieces--
				of.pieces--
				continue
			}
			p.at, has = to, true
		}
		pieces = append(pieces, p)
	}
	clear(e.pieces[len(pieces):])
	e.pieces = pieces
	if len(pieces) == 0 {
		delete(s.index, id)
	}
	return has
}

// errGone says that a segment was removed to keep a bound, with all that it held.
var errGone = errors.New("the segment is gone")

// there says why a segment can't be read or replaced any more. The store is locked.
func (s *Store) there(seg *segment) error {
	switch {
	case s.closed:
		return errClosed
	case seg.gone:
		return errGone
	}
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
