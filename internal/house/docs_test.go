package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A link or picture of Markdown; the address ends at a blank or a bracket.
var link = regexp.MustCompile(`\]\(([^)\s]+)[^)]*\)`)

// TestEveryLinkOfTheDocumentsLeadsSomewhere follows the relative links of all pages, to files
// and to headings.
func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	t.Parallel()
	pages := markdown(t)
	followed := 0
	for page, text := range pages {
		for n, line := range strings.Split(prose(text), "\n") {
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
					continue
				}
				followed++
				file, anchor, _ := strings.Cut(m[1], "#")
				target := page
				if file != "" {
					target = filepath.Join(filepath.Dir(page), file)
				}
				if _, err := os.Stat(filepath.Join("../..", target)); err != nil {
					t.Errorf("%s:%d links to %s, which is not there", page, n+1, m[1])
					continue
				}
				if to, is := pages[target]; anchor != "" && is && !anchors(to)[anchor] {
					t.Errorf("%s:%d links to %s: %s has no such heading", page, n+1, m[1], target)
				}
			}
		}
	}
	if followed < 100 {
		t.Errorf("only %d links were found", followed)
	}
}

// TestTheMapOfTheDocumentsIsWhole requires that docs/README.md or the README of the tree leads to
// every page of docs; a folder of many alike, such as docs/adr, may be named as a whole.
func TestTheMapOfTheDocumentsIsWhole(t *testing.T) {
	t.Parallel()
	pages := markdown(t)
	leads := map[string]bool{}
	for _, from := range []string{"docs/README.md", "README.md"} {
		for _, m := range link.FindAllStringSubmatch(pages[from], -1) {
			file, _, _ := strings.Cut(m[1], "#")
			leads[filepath.Join(filepath.Dir(from), file)] = true
		}
	}
	for page := range pages {
		dir := filepath.Dir(page)
		within := strings.HasPrefix(page, "docs/") && page != "docs/README.md"
		if within && !leads[page] && (dir == "docs" || !leads[dir]) {
			t.Errorf("docs/README.md does not lead to %s: add a line that says what it is good for", page)
		}
	}
}

// TestThePicturesOfTheDocumentsAreReadable requires a title, a description and no fixed
// page colour of every drawing, so that it can be read aloud and in the dark.
func TestThePicturesOfTheDocumentsAreReadable(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/pictures/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("find pictures: %v, %d files", err, len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`role="img"`, "<title ", "<desc ", "prefers-color-scheme: dark", "viewBox="} {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s has no %s", file, want)
			}
		}
		if len(data) > 16<<10 {
			t.Errorf("%s is %d bytes; a drawing by hand is smaller", file, len(data))
		}
	}
}

// markdown returns the pages that people read, by their path in the tree.
func markdown(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, root := range []string{"README.md", "CHANGELOG.md", "docs", "examples", "rules", "dist"} {
		root = filepath.Join("../..", root)
		if _, err := os.Stat(root); err != nil {
			continue
		}
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			data, err := os.ReadFile(path)
			name, _ := filepath.Rel("../..", path)
			pages[name] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

var inlineCode = regexp.MustCompile("`[^`]*`")

// prose blanks code out, line by line, since what stands in it is no link.
func prose(text string) string {
	lines := strings.Split(text, "\n")
	code := false
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code, lines[i] = !code, ""
			continue
		}
		if code {
			lines[i] = ""
		}
		lines[i] = inlineCode.ReplaceAllStringFunc(lines[i], func(s string) string { return strings.Repeat("x", len(s)) })
	}
	return strings.Join(lines, "\n")
}

var (
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	notID   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	linked  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	ownID   = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
)

// anchors returns the names of a page's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	code := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
		}
		for _, m := range ownID.FindAllStringSubmatch(line, -1) {
			found[m[1]] = true
		}
		m := heading.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if code || m == nil {
			continue
		}
		title := linked.ReplaceAllString(m[1], "$1")
		name := strings.ReplaceAll(notID.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		for i, free := 1, name; ; i++ {
			if !found[free] {
				found[free] = true
				break
			}
			free = name + "-" + strconv.Itoa(i)
		}
	}
	return found
}
