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
)

// load opens all segments and rebuilds the index.
func (s *Store) load() error {
	if err := s.discard(); err != nil {
		return err
	}
	for _, of := range []*series{&s.bad, &s.others} {
		paths, err := filepath.Glob(filepath.Join(s.opts.Dir, "*"+of.suffix))
		if err != nil {
			return err
		}
		slices.Sort(paths)
		for i, path := range paths {
			number, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(path), of.suffix), 10, 64)
			if err != nil {
				continue // not a file of ours
			}
			s.number = max(s.number, number)
			if err := s.open(of, path, i == len(paths)-1); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return s.bound(s.opts.Now())
}

// discard removes what a stopped deletion left behind, and files of a form from before any
// release, which nothing reads any more.
func (s *Store) discard() error {
	for _, pattern := range []string{"*.traces", "*" + unfinished} {
		paths, err := filepath.Glob(filepath.Join(s.opts.Dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if strings.HasSuffix(path, ".traces") {
				s.opts.Logger.Warn("a trace file of an older form is removed; its traces are gone", "file", path)
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) open(of *series, path string, last bool) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	seg := &segment{path: path, file: f}
	of.add(seg)
	if err := s.scan(seg, last); err != nil {
		return err
	}
	of.bytes += seg.size
	of.pieces += seg.pieces
	return nil
}

// scan reads the heads of a segment's records, and of the last segment, where
// a write may have been cut short, the bodies too. At the first record that
// can't be read it stops; the rest of the file is cut off, unless a newer program wrote it.
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
		if errors.Is(err, errNewer) {
			s.opts.Logger.Warn("what a newer program wrote to a trace file is kept and not read", "file", seg.path, "bytes", info.Size()-seg.size)
			seg.seal(info)
			return nil
		}
		if err != nil {
			s.opts.Logger.Warn("end of trace file cut off", "file", seg.path, "bytes", info.Size()-seg.size, "reason", err)
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
