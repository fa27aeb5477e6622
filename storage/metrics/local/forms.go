package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/tsdb/index"
)

// newestMeta is the newest form of a block's meta.json that the library reads.
const newestMeta = 1

// newerBlock says that a newer program wrote a block in a form that this one doesn't read. The library would leave the block
// out with a line in the log, and what it holds would be missing from every budget. What is damaged is the library's to tell.
func newerBlock(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		block := filepath.Join(dir, e.Name())
		of, form, newest, err := formOf(block)
		if err != nil {
			return fmt.Errorf("read block %s: %w", block, err)
		}
		if form > newest {
			return fmt.Errorf("the %s of the block %s has form %d, and this burnline reads forms up to %d; nothing was changed: "+
				"run a burnline at least as new as the one that wrote it, or put the metrics of a backup from before in its place", of, block, form, newest)
		}
	}
	return nil
}

// formOf reads the forms of a block's files, and returns the first one that is too new, else that of its index; 0 where it can't be told.
func formOf(block string) (of string, form, newest int, _ error) {
	text, err := os.ReadFile(filepath.Join(block, "meta.json")) //nolint:gosec // a file of the store's own
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", 0, 0, err
	}
	var meta struct{ Version int }
	if json.Unmarshal(text, &meta) == nil && meta.Version > newestMeta {
		return "meta.json", meta.Version, newestMeta, nil
	}
	f, err := os.Open(filepath.Join(block, "index")) //nolint:gosec // a file of the store's own
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, 0, nil
	}
	if err != nil {
		return "", 0, 0, err
	}
	head := make([]byte, index.HeaderLen) // a magic number of 4 bytes, and the form
	_, err = io.ReadFull(f, head)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", 0, 0, nil //nolint:nilerr // it is damaged
	}
	return "index", int(head[4]), index.FormatV3, nil
}
