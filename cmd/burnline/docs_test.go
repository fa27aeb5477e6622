package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/spf13/pflag"

	"burnline/internal/spancond"
	"burnline/internal/tracesearch"
)

// snippet is one block of code that a page shows.
type snippet struct {
	page           string
	line           int
	language, text string
}

func (s snippet) String() string { return fmt.Sprintf("%s:%d", s.page, s.line) }

// TestEverySnippetOfTheDocumentsHolds goes through all pages: files are read by the loaders that
// read them in earnest, command lines by their commands, and what needs no server is run.
func TestEverySnippetOfTheDocumentsHolds(t *testing.T) {
	t.Parallel()
	all := snippets(t)
	if len(all) < 80 {
		t.Fatalf("only %d blocks of code were found", len(all))
	}
	desk := newDesk(t)
	for _, s := range all {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			checkSnippet(t, s, desk)
		})
	}
}

func checkSnippet(t *testing.T, s snippet, desk string) {
	t.Helper()
	switch s.language {
	case "yaml":
		for _, why := range wrongYAML(t, s) {
			t.Errorf("%s: %s", s, why)
		}
	case "sh", "console":
		checkCommands(t, s, desk)
	case "json":
		if !json.Valid([]byte(s.text)) {
			t.Errorf("%s is no JSON", s)
		}
	case "promql":
		if _, err := parser.NewParser(parser.Options{}).ParseExpr(s.text); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	case "ottl":
		if _, err := spancond.Parse(strings.TrimSpace(s.text)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	case "traceql":
		if _, err := tracesearch.Parse(strings.TrimSpace(s.text)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	case "python":
		checkPython(t, s)
	case "story": // slo/engine plays it
	case "", "text":
		if strings.HasPrefix(s.text, "burnline ") || strings.HasPrefix(s.text, "$ ") {
			t.Errorf("%s shows commands: mark it as sh, or console where it shows answers", s)
		}
	default:
		t.Errorf("%s is in %q, which nothing checks: have a program read it", s, s.language)
	}
}

var fence = regexp.MustCompile("^( *)```([a-z]*) *$")

// snippets returns the blocks of code of all pages.
func snippets(t *testing.T) []snippet {
	t.Helper()
	var all []snippet
	for _, page := range pages(t) {
		data, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil {
			t.Fatal(err)
		}
		var open *snippet
		indent := ""
		for i, line := range strings.Split(string(data), "\n") {
			m := fence.FindStringSubmatch(line)
			switch {
			case m != nil && open == nil:
				open, indent = &snippet{page: page, line: i + 1, language: m[2]}, m[1]
			case m != nil:
				all, open = append(all, *open), nil
			case open != nil:
				open.text += strings.TrimPrefix(line, indent) + "\n"
			}
		}
		if open != nil {
			t.Errorf("%s ends within a block of code", open)
		}
	}
	return all
}

// pages returns the Markdown that people read, from the top of the tree.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md"}
	for _, root := range []string{"docs", "examples", "rules", "dist"} {
		root = filepath.Join("../..", root)
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			if err == nil && filepath.Ext(path) == ".md" {
				name, _ := filepath.Rel("../..", path)
				found = append(found, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// checkCommands looks at every call of burnline in a block of shell.
func checkCommands(t *testing.T, s snippet, desk string) {
	t.Helper()
	for _, words := range calls(s) {
		command, rest, err := rootCommand().Find(words)
		if err != nil {
			t.Errorf("%s: burnline %s: %v", s, strings.Join(words, " "), err)
			continue
		}
		switch err := command.ParseFlags(rest); {
		case errors.Is(err, pflag.ErrHelp):
		case err != nil:
			t.Errorf("%s: burnline %s: %v", s, strings.Join(words, " "), err)
		case command.HasSubCommands() && !command.Runnable():
			t.Errorf("%s: burnline %s names no subcommand", s, strings.Join(words, " "))
		default:
			if err := command.ValidateArgs(command.Flags().Args()); err != nil {
				t.Errorf("%s: burnline %s: %v", s, strings.Join(words, " "), err)
			}
		}
		if !t.Failed() && alone(words) && laidOut(desk, words) {
			runAtDesk(t, s, desk, words)
		}
	}
	for _, path := range asked.FindAllStringSubmatch(s.text, -1) {
		if !answers(t, path[1]) {
			t.Errorf("%s asks for %s, which is not in the API's description", s, path[1])
		}
	}
}

// alone reports whether a command line needs nothing but the files at the desk.
func alone(words []string) bool {
	line := strings.Join(words, " ")
	if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "…") || w == "-" || w == "FILE" }) || strings.Contains(line, "://") {
		return false
	}
	switch words[0] {
	case "check", "convert", "rules", "test", "version":
		return !strings.Contains(line, "--data")
	case "packs":
		return len(words) > 1 && words[1] != "write" // a second call of it finds the files
	case "dashboards":
		return len(words) > 1 && (words[1] == "write" || words[1] == "list")
	case "route":
		return strings.Contains(line, "--config") && !strings.Contains(line, "--server")
	case "explain":
		return !strings.Contains(line, "--slo")
	}
	return false
}

// laidOut reports whether the files that a command line reads lie at the desk.
func laidOut(desk string, words []string) bool {
	for i, w := range words {
		if !file.MatchString(w) || strings.HasPrefix(w, "-") || words[max(0, i-1)] == "--out" {
			continue
		}
		if there, _ := filepath.Glob(filepath.Join(desk, w)); len(there) == 0 {
			return false
		}
	}
	return true
}

// file is an argument that looks like a file or a folder.
var file = regexp.MustCompile(`/$|\.(ya?ml|csv|tmpl)$`)

// newDesk lays out a folder with the files that documents speak of, for commands to run in.
func newDesk(t *testing.T) string {
	t.Helper()
	desk := t.TempDir()
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]string{
		"examples": "examples", "slos/checkout.yaml": "examples/slos/availability.yaml",
		"texts.tmpl": "examples/alerting/texts.tmpl", "alerts_test.yaml": "examples/alerting/tests.yaml",
		"rules": "examples/rules", "sloth/checkout.yaml": "cmd/burnline/testdata/docs/sloth.yaml",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(desk, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(tree, of)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(tree, of), filepath.Join(desk, name)); err != nil {
			t.Fatal(err)
		}
	}
	own := "slos: [slos/]\nalerting: {receivers: [{name: oncall, webhook_configs: [{url: https://hooks.example.com}]}], route: {receiver: oncall}}\n"
	if err := os.WriteFile(filepath.Join(desk, "burnline.yaml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(tree, "examples/alerting/alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := withFiles(t, desk, string(data)) // its secrets lie elsewhere
	if err := os.WriteFile(filepath.Join(desk, "alertmanager.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return desk
}

// runAtDesk runs a command line in a copy of the desk; it has to end well.
func runAtDesk(t *testing.T, s snippet, desk string, words []string) {
	t.Helper()
	for i, w := range words { // what it writes goes elsewhere
		if w == "--out" && i+1 < len(words) {
			words[i+1] = filepath.Join(t.TempDir(), filepath.Base(words[i+1]))
		}
	}
	for i, w := range words {
		if matches, _ := filepath.Glob(filepath.Join(desk, w)); strings.Contains(w, "*") && len(matches) > 0 {
			words[i] = matches[0]
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, words...)
	cmd.Dir, cmd.Env = desk, append(os.Environ(), childEnv+"=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: burnline %s: %v\n%s", s, strings.Join(words, " "), err, said.String())
	}
}
