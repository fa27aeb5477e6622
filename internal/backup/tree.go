package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Take brings a folder that a store wrote for the backup into it, under a name. What the newest backup of the
// same folder of backups has already is linked, some of it once it was read and found as it was written; see link.
func (m *Manifest) Take(ctx context.Context, from, dir, name string) error {
	known, err := m.reread(ctx, newestBefore(filepath.Dir(dir)))
	if err != nil {
		return err
	}
	return copyTree(ctx, from, filepath.Join(dir, name), func(rel string, info fs.FileInfo, target string) bool {
		path := name + "/" + filepath.ToSlash(rel)
		old, is := known[path]
		if !is || old.Bytes != info.Size() || os.Link(old.at, target) != nil {
			return false
		}
		m.links[path] = old.File
		return true
	})
}

// Move brings a folder that a store wrote for the backup into it, on the same disk, where it costs no room.
func Move(from, dir, name string) error { return os.Rename(from, filepath.Join(dir, name)) }

// reread are the files of the backup before that may be linked. Of these it reads so many anew, those first that were read
// longest ago, that each is read about once a week; whatever is not as it was written is left out and noted.
func (m *Manifest) reread(ctx context.Context, before *earlier) (map[string]held, error) {
	m.links = map[string]File{}
	if before == nil {
		return nil, nil
	}
	known, all, bytes := map[string]held{}, []File{}, int64(0)
	for _, f := range before.Files {
		at := filepath.Join(before.dir, filepath.FromSlash(f.Path))
		if info, err := os.Stat(at); err != nil || info.Size() != f.Bytes || !links(f.Path) {
			continue
		}
		if f.Read.IsZero() {
			f.Read = before.Ended // of a program that did not note it
		}
		known[f.Path] = held{f, at}
		all, bytes = append(all, f), bytes+f.Bytes
	}
	slices.SortFunc(all, func(a, b File) int { return cmp.Or(a.Read.Compare(b.Read), cmp.Compare(a.Path, b.Path)) })
	share := min(1, m.Began.Sub(before.Began).Seconds()/rereadIn.Seconds())
	for left := max(leastReread, int64(share*float64(bytes))); len(all) > 0 && left > 0; all = all[1:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := all[0]
		left -= f.Bytes
		if sum, err := sumOf(known[f.Path].at, false); err != nil || sum != f.SHA256 {
			m.Rotten = append(m.Rotten, known[f.Path].at)
			delete(known, f.Path)
			continue
		}
		f.Read = m.Began
		known[f.Path] = held{f, known[f.Path].at}
	}
	return known, nil
}

const (
	// rereadIn is in what time each file that backups share is read anew, and leastReread how much of them by each
	// backup at least.
	rereadIn    = 7 * 24 * time.Hour
	leastReread = 256 << 20
)

// held is a file of an earlier backup, and where it is.
type held struct {
	File
	at string
}

// links reports whether a file of a backup never changes once it is written: the chunks and the index of a
// block of the metric store, whose folder has a name that no other block ever has.
func links(path string) bool {
	parts := strings.Split(path, "/")
	return parts[0] == MetricsDir && (len(parts) == 4 && parts[2] == "chunks" || len(parts) == 3 && parts[2] == "index")
}

// copyTree copies a folder, but for files that link puts in their place as links to something else.
func copyTree(ctx context.Context, from, to string, link func(rel string, info fs.FileInfo, target string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if link(rel, info, target) {
			return nil
		}
		return CopyFile(path, target)
	})
}

// nothing is linked.
func nothing(string, fs.FileInfo, string) bool { return false }

// CopyFile copies a file to a new one.
func CopyFile(from, to string) (err error) {
	in, err := os.Open(from) //nolint:gosec // a file of a store or a backup
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // likewise
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err != nil {
		err = fmt.Errorf("copy %s: %w", from, err)
	}
	return errors.Join(err, out.Close())
}
