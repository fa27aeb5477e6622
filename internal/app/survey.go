package app

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// digest stands for the names and contents of files.
type digest [sha256.Size]byte

// maxLinks is how many symbolic links one path may lead through, as in Linux.
const maxLinks = 40

// surveyed is what the watched paths lead to.
type surveyed struct {
	// folders are those in which something has to happen for the files to change:
	// folders of files, of links on the way to them, and of what is not there yet.
	folders map[string]bool
	// files are the paths of regular files, "" in content when one can't be read.
	content map[string]string
	seen    map[string]bool
}

// survey looks at files, and folders as SLOs are read from them: *.yaml and
// *.yml at any depth, without names that begin with a dot, through links.
func survey(paths []string) surveyed {
	s := surveyed{folders: map[string]bool{}, content: map[string]string{}, seen: map[string]bool{}}
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			s.add(abs, true)
		}
	}
	return s
}

// add takes a file, or a folder with everything below. A file that was asked for
// may have any name.
func (s *surveyed) add(path string, asked bool) {
	s.trace(path, maxLinks)
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		s.content[path] = ""
		return
	}
	info, err := os.Stat(real)
	if err != nil {
		s.content[path] = ""
		return
	}
	extension := strings.ToLower(filepath.Ext(path))
	switch {
	case info.IsDir():
		s.folders[real] = true
		if s.seen[real] {
			return // links may lead in circles
		}
		s.seen[real] = true
		entries, err := os.ReadDir(real)
		if err != nil {
			s.content[path] = ""
			return
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				s.add(filepath.Join(path, e.Name()), false)
			}
		}
	case info.Mode().IsRegular() && (asked || extension == ".yaml" || extension == ".yml"):
		s.content[path] = sum(real)
	}
}

// trace notes the folder of the path's last part and of every link on the way
// there, or the last folder that exists.
func (s *surveyed) trace(path string, links int) {
	dir := "/"
	for part := range strings.SplitSeq(strings.Trim(filepath.Clean(path), "/"), "/") {
		at := filepath.Join(dir, part)
		info, err := os.Lstat(at)
		if err != nil {
			s.folders[dir] = true
			return
		}
		if info.Mode()&os.ModeSymlink != 0 && links > 0 {
			s.folders[dir] = true
			target, err := os.Readlink(at)
			if err != nil {
				return
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(dir, target)
			}
			links--
			s.trace(target, links)
			if at, err = filepath.EvalSymlinks(at); err != nil {
				return
			}
		}
		if info.Mode().IsRegular() {
			s.folders[dir] = true
		}
		dir = at
	}
	s.folders[filepath.Dir(dir)] = true
}

// sum stands for the content of a file; "" when it can't be read.
func sum(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return string(h.Sum(nil))
}

// digest returns what the files hold.
func (s *surveyed) digest() digest {
	names := make([]string, 0, len(s.content))
	for name := range s.content {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		_, _ = io.WriteString(h, name+"\x00"+s.content[name]+"\x00") // never fails
	}
	return digest(h.Sum(nil))
}
