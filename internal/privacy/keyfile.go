package privacy

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Open returns the hasher whose key stands in a file. The key is the file's text without
// the space around it, at least 32 bytes of it.
func Open(path string) (*Hasher, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of customer ids: %w", err)
	}
	h, err := New(bytes.TrimSpace(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; write at least 32 random characters, as `openssl rand -hex 32` does", path, err)
	}
	return h, nil
}

// OpenOrMake is Open for a file that is made with a random key where it does not exist,
// readable by its owner only. A file that is there is never replaced: another key would
// make strangers of all known customers.
func OpenOrMake(path string) (*Hasher, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the key of customer ids: %w", err)
		}
	}
	return Open(path)
}

// makeKey writes a key beside its place and moves it there, so that no kill leaves a part
// of one. Of two that do it at the same time one wins, and both use its key.
func makeKey(path string) error {
	key := make([]byte, minKey)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	return errors.Join(err, os.Remove(f.Name()), syncDir(filepath.Dir(path)))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
