package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// eachOfTar calls do with the files of a stream of tar. Anything but plain files with paths within a folder is refused.
func eachOfTar(ctx context.Context, in io.Reader, do func(header *tar.Header, r io.Reader) error) error {
	r := tar.NewReader(in)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpack a backup: it broke off: %w", err)
		}
		if header.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(header.Name)) {
			return fmt.Errorf("unpack a backup: %.100q is no file of one", header.Name)
		}
		if err := do(header, r); err != nil {
			return fmt.Errorf("unpack %s: %w", header.Name, err)
		}
	}
}

// Damaged says of an error in reading the file of a backup, which messages call name, what to do where the file is cut or is none of tar.
func Damaged(name string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("the backup %s is damaged; restore another one: %w", name, err)
	}
	if err != nil {
		return fmt.Errorf("read the backup %s: %w", name, err)
	}
	return nil
}

// SizesOf adds up the files of a stream of tar, and that of the state alone, in bytes. It reads only their headers where the stream can be sought.
func SizesOf(ctx context.Context, in io.Reader) (all, state int64, err error) {
	err = eachOfTar(ctx, in, func(header *tar.Header, _ io.Reader) error {
		all += header.Size
		if header.Name == StateName {
			state += header.Size
		}
		return nil
	})
	return all, state, err
}

// VerifyTar is Verify of a stream of tar, which messages call name. It writes the state into a new folder, and nothing else.
func VerifyTar(ctx context.Context, in io.Reader, name, dir string) (*Manifest, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("unpack a backup: %w", err)
	}
	found, twice := map[string]File{}, []error{}
	err := eachOfTar(ctx, in, func(header *tar.Header, r io.Reader) error {
		sum := sha256.New()
		r = io.TeeReader(r, sum)
		if _, is := found[header.Name]; is {
			twice = append(twice, fmt.Errorf("%s is there twice", header.Name))
			return nil
		}
		var err error
		if header.Name == StateName || header.Name == ManifestName {
			err = unpackOne(r, filepath.Join(dir, header.Name), header.Size)
		} else {
			_, err = io.Copy(io.Discard, r)
		}
		found[header.Name] = File{Path: header.Name, Bytes: header.Size, SHA256: hex.EncodeToString(sum.Sum(nil))}
		return err
	})
	if err != nil {
		return nil, Damaged(name, err)
	}
	if _, is := found[ManifestName]; !is {
		return nil, fmt.Errorf("%s is no backup: it has no %s", name, ManifestName)
	}
	m, err := readManifest(dir, name)
	if err != nil {
		return nil, err
	}
	wrong := twice
	delete(found, ManifestName)
	for _, f := range m.Files {
		got, is := found[f.Path]
		delete(found, f.Path)
		switch {
		case !is:
			wrong = append(wrong, fmt.Errorf("%s is missing", f.Path))
		case got.Bytes != f.Bytes:
			wrong = append(wrong, fmt.Errorf("%s has %d bytes, not %d", f.Path, got.Bytes, f.Bytes))
		case got.SHA256 != f.SHA256:
			wrong = append(wrong, fmt.Errorf("%s is not as it was written", f.Path))
		}
	}
	for path := range found {
		wrong = append(wrong, fmt.Errorf("%s does not belong to it", path))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, fmt.Errorf("the backup %s is damaged; restore another one: %w", name, err)
	}
	return m, nil
}
