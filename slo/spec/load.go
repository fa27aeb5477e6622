package spec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Load reads the SLOs of files and folders. Of a folder it reads every *.yaml
// and *.yml at any depth, in order of name, without those whose name begins
// with a dot. A file that is reached twice is read once. The findings are those of
// Parse, those of Files, and IDs that several files use. The error is for what can't be read.
func Load(paths []string) (Set, slo.Findings, error) {
	files, found, err := Files(paths)
	if err != nil {
		return Set{}, nil, err
	}
	b := newBatch()
	b.findings = found
	for _, file := range files {
		data, err := readLimited(file)
		if err != nil {
			return Set{}, nil, fmt.Errorf("read SLO file: %w", err)
		}
		b.add(file, data)
	}
	set, findings := b.finish()
	return set, findings, nil
}

// Files lists what Load reads: the files, and those of the folders. The findings are links that lead nowhere and
// what is no regular file, which would be waited for, for good: an error where it is named, a warning in a folder.
func Files(paths []string) ([]string, slo.Findings, error) {
	c := collector{seen: map[string]bool{}}
	for _, path := range paths {
		if err := c.add(path, true); err != nil {
			return nil, nil, err
		}
	}
	return c.files, c.findings, nil
}

// readLimited reads no more than shows that a file is too large.
func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, yamlconf.MaxBytes+1))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return data, f.Close()
}

// collector lists files without repeating one, so that links may not lead in circles.
type collector struct {
	files    []string
	seen     map[string]bool
	findings slo.Findings
}

// find notes what is wrong with a path.
func (c *collector) find(path string, level slo.Level, message, instead string) {
	if slices.ContainsFunc(c.findings, func(f slo.Finding) bool { return f.File == path }) {
		return // it was reached before
	}
	c.findings = append(c.findings, slo.Finding{Source: slo.Source{File: path}, Level: level, Message: message, Instead: instead})
}

// add takes a file, or a folder with everything below. A file that was asked for
// may have any name.
func (c *collector) add(path string, asked bool) error {
	info, err := os.Stat(path)
	if link, lerr := os.Lstat(path); err != nil && lerr == nil && link.Mode()&os.ModeSymlink != 0 {
		c.find(path, slo.LevelError, "the link leads nowhere", "remove it, or link to a file that is there")
		return nil
	}
	if err != nil {
		return fmt.Errorf("read SLO files: %w", err)
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	if err != nil {
		return fmt.Errorf("read SLO files: %w", err)
	}
	extension := strings.ToLower(filepath.Ext(path))
	if c.seen[resolved] || !info.IsDir() && !asked && extension != ".yaml" && extension != ".yml" {
		return nil
	}
	c.seen[resolved] = true
	if !info.IsDir() && !info.Mode().IsRegular() {
		level := slo.LevelWarning
		if asked {
			level = slo.LevelError
		}
		c.find(path, level, "it is no regular file, and is not read", "write what it says into a file")
		return nil
	}
	if !info.IsDir() {
		c.files = append(c.files, path)
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read SLO folder: %w", err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue // among them Kubernetes' ..data, behind which every file stands again
		}
		if err := c.add(filepath.Join(path, entry.Name()), false); err != nil {
			return err
		}
	}
	return nil
}
