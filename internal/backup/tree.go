package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Take brings a folder that a store wrote for the backup into it, under a name. What the newest backup of the
// same folder of backups has already is linked.
func Take(ctx context.Context, from, dir, name string) error {
	before := ""
	if all, err := List(filepath.Dir(dir)); err == nil && len(all) > 0 {
		before = all[len(all)-1]
	}
	return copyTree(ctx, from, filepath.Join(dir, name), func(rel string, info fs.FileInfo) string {
		path := name + "/" + filepath.ToSlash(rel)
		if before == "" || !links(path) {
			return ""
		}
		old := filepath.Join(before, filepath.FromSlash(path))
		if have, err := os.Stat(old); err != nil || have.Size() != info.Size() {
			return ""
		}
		return old
	})
}

// links reports whether a file of a backup never changes once it is written: the chunks and the index of a
// block of the metric store, whose folder has a name that no other block ever has.
func links(path string) bool {
	parts := strings.Split(path, "/")
	return parts[0] == MetricsDir && (len(parts) == 4 && parts[2] == "chunks" || len(parts) == 3 && parts[2] == "index")
}

// linked reports whether a file has another name too.
func linked(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}

// copyTree copies a folder. In the place of a file may stand a link to what same returns for it.
func copyTree(ctx context.Context, from, to string, same func(rel string, info fs.FileInfo) string) error {
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
		if old := same(rel, info); old != "" && os.Link(old, target) == nil {
			return nil
		}
		return CopyFile(path, target)
	})
}

// nothing is linked.
func nothing(string, fs.FileInfo) string { return "" }

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
