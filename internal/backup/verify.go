package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Verify reads a whole backup, and returns what it says that it holds where every file of it is as it was
// written. The error names all files that aren't.
func Verify(ctx context.Context, dir string) (*Manifest, error) { return VerifyUnpacked(ctx, dir, dir) }

// VerifyUnpacked is Verify of a backup that messages call name, since its folder goes again.
func VerifyUnpacked(ctx context.Context, dir, name string) (*Manifest, error) {
	m, err := readManifest(dir, name)
	if err != nil {
		return nil, err
	}
	var wrong []error
	known := map[string]bool{}
	for _, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		known[f.Path] = true
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			wrong = append(wrong, fmt.Errorf("%s is missing", f.Path))
			continue
		case err != nil:
			wrong = append(wrong, err)
			continue
		case info.Size() != f.Bytes:
			wrong = append(wrong, fmt.Errorf("%s has %d bytes, not %d", f.Path, info.Size(), f.Bytes))
			continue
		}
		switch sum, err := sumOf(path, false); {
		case err != nil:
			wrong = append(wrong, err)
		case sum != f.SHA256:
			wrong = append(wrong, fmt.Errorf("%s is not as it was written", f.Path))
		}
	}
	err = eachFile(dir, func(path string, _ fs.FileInfo) error {
		if !known[path] {
			wrong = append(wrong, fmt.Errorf("%s does not belong to it", path))
		}
		return nil
	})
	if err = errors.Join(append(wrong, err)...); err != nil {
		return nil, fmt.Errorf("the backup %s is damaged; restore another one: %w", name, err)
	}
	return m, nil
}
