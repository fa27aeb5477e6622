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
	// filesEvery is how often files of tokens are read again.
	filesEvery = 5 * time.Second
	// ShortestToken is how many characters a token in a file has at least: nobody guesses as many
	// random ones.
	ShortestToken = 24
	mostFile      = 64 << 10
)

// files are tokens in files, one a line, that are read again while they are in use. Each stands on its own: one
// that can't be read, or holds nothing, keeps the tokens that it had, for it may be about to be written.
type files struct {
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	all    []TokenFile // by name
	by     map[[sha256.Size]byte]string
	looked time.Time
	// looking is held by who reads, so that a file system that hangs holds up nobody else.
	looking bool
}

// TokenFile is a file of tokens.
type TokenFile struct {
	// Name is that of senders with its tokens, Path where it is.
	Name, Path string
	// Err is what kept it from being read the last time; its tokens are those of before then.
	Err error

	sums [][sha256.Size]byte // of its tokens
}

// openFiles reads tokens for the first time. Every file has to be sound then.
func openFiles(paths map[string]string, now func() time.Time, logger *slog.Logger) (*files, error) {
	f := &files{now: now, logger: logger, looked: now()}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		one := TokenFile{Name: name, Path: paths[name]}.read()
		f.all = append(f.all, one)
		errs = append(errs, one.Err)
	}
	f.index()
	return f, errors.Join(errs...)
}

// read returns the file as it is now.
func (t TokenFile) read() TokenFile {
	tokens, err := ReadTokens(t.Path)
	if t.Err = nil; err != nil {
		t.Err = fmt.Errorf("read the tokens of %s: %w", t.Name, err)
		return t
	}
	t.sums = nil
	for _, token := range tokens {
		t.sums = append(t.sums, sha256.Sum256([]byte(token)))
	}
	return t
}

// index finds names by the hash of a token.
func (f *files) index() {
	f.by = map[[sha256.Size]byte]string{}
	for _, one := range f.all {
		for _, sum := range one.sums {
			f.by[sum] = one.Name
		}
	}
}

// who is the sender with a token of a file, by its hash.
func (f *files) who(sum [sha256.Size]byte) (auth.Who, bool) {
	f.look()
	f.mu.Lock()
	defer f.mu.Unlock()
	name, ok := f.by[sum]
	return auth.Who{Name: "token " + name, Way: auth.ByToken, Feeds: ok}, ok
}

// list returns the files, by name.
func (f *files) list() []TokenFile {
	f.look()
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// look reads the files again where that is due.
func (f *files) look() {
	now := f.now()
	f.mu.Lock()
	if len(f.all) == 0 || f.looking || now.Sub(f.looked).Abs() < filesEvery {
		f.mu.Unlock()
		return
	}
	f.looking = true
	all := slices.Clone(f.all)
	f.mu.Unlock()
	for i, one := range all {
		all[i] = one.read()
		switch is, was := all[i].Err, one.Err; {
		case is != nil && (was == nil || is.Error() != was.Error()):
			f.logger.Warn("a file of tokens can't be read again; its tokens before stay in use", "sender", one.Name, "error", is)
		case is == nil && was != nil:
			f.logger.Info("a file of tokens can be read again", "sender", one.Name)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all, f.looked, f.looking = all, now, false
	f.index()
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
