package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Pack writes a backup as one stream of tar, its manifest first.
func Pack(ctx context.Context, dir string, out io.Writer) error {
	w := tar.NewWriter(out)
	add := func(path string, info fs.FileInfo) (err error) {
		if err := ctx.Err(); err != nil {
			return err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: path, Size: info.Size(), Mode: 0o600, ModTime: info.ModTime().Truncate(time.Second)}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(path))) //nolint:gosec // a file of a backup
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return errors.Join(err, f.Close())
	}
	info, err := os.Stat(filepath.Join(dir, ManifestName))
	if err == nil {
		err = add(ManifestName, info)
	}
	if err == nil {
		err = eachFile(dir, add)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("send the backup %s: %w", dir, err)
	}
	return nil
}

// Unpack writes the files of a stream of tar into a new folder. It takes plain files with paths within the
// folder, and nothing else. Verify says whether it is all of a backup.
func Unpack(ctx context.Context, in io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("unpack a backup: %w", err)
	}
	return eachOfTar(ctx, in, func(header *tar.Header, r io.Reader) error {
		return unpackOne(r, filepath.Join(dir, filepath.FromSlash(header.Name)), header.Size)
	})
}

func unpackOne(in io.Reader, path string, size int64) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // within the folder
	if err != nil {
		return err
	}
	n, err := io.Copy(f, in)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return errors.Join(err, f.Close())
}
