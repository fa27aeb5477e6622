package ingest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/internal/auth"
)

const (
	// filesEvery is how often it is looked whether files of tokens changed.
	filesEvery = 5 * time.Second
	// ShortestToken is how many characters a token in a file has at least: nobody guesses as many
	// random ones.
	ShortestToken = 24
	mostFile      = 64 << 10
)

// files are tokens in files, one a line, that are read again when the files change. One that can't be
// read, or holds nothing, leaves its tokens as they were: it may be about to be written.
type files struct {
	paths  map[string]string
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	by     map[[sha256.Size]byte]string
	stamp  string
	looked time.Time
}

// openFiles reads tokens for the first time.
func openFiles(paths map[string]string, now func() time.Time, logger *slog.Logger) (*files, error) {
	f := &files{paths: paths, now: now, logger: logger}
	return f, f.read()
}

// who is the sender with a token of a file, by its hash.
func (f *files) who(sum [sha256.Size]byte) (auth.Who, bool) {
	if len(f.paths) == 0 {
		return auth.Who{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now().Sub(f.looked) >= filesEvery {
		if err := f.read(); err != nil {
			f.logger.Warn("files of tokens can't be read again; the tokens before stay in use", "error", err)
		}
	}
	name, ok := f.by[sum]
	return auth.Who{Name: "token " + name, Way: auth.ByToken, Feeds: ok}, ok
}

// read reads the files where one changed.
func (f *files) read() error {
	f.looked = f.now()
	stamp, by := "", map[[sha256.Size]byte]string{}
	for _, name := range slices.Sorted(maps.Keys(f.paths)) {
		info, err := os.Stat(f.paths[name])
		if err != nil {
			return fmt.Errorf("read the tokens of %s: %w", name, err)
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), "\n")
	}
	if stamp == f.stamp {
		return nil
	}
	for name, path := range f.paths {
		tokens, err := ReadTokens(path)
		if err != nil {
			return fmt.Errorf("read the tokens of %s: %w", name, err)
		}
		for _, token := range tokens {
			by[sha256.Sum256([]byte(token))] = name
		}
	}
	f.by, f.stamp = by, stamp
	return nil
}

// ReadTokens reads a file of tokens, one a line; lines that are empty or begin with # are none. There has
// to be one, and each needs ShortestToken characters.
func ReadTokens(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, mostFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > mostFile {
		return nil, fmt.Errorf("%s is larger than %d KiB", path, mostFile>>10)
	}
	return tokensIn(string(data), path)
}

// tokensIn are the tokens of a file's text. Its errors say nothing of them.
func tokensIn(text, path string) ([]string, error) {
	var tokens []string
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case len(line) < ShortestToken || strings.ContainsAny(line, " \t"):
			return nil, fmt.Errorf("%s:%d: a token has at least %d characters and no space; make one by burnline tokens create, or by openssl rand -hex 32", path, n, ShortestToken)
		default:
			tokens = append(tokens, line)
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New(path + " holds no token")
	}
	return tokens, nil
}
