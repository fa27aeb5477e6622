package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryErrorInTheLogHasARemedy requires that docs/errors.md says of every message that is logged
// as an error what to do about it.
func TestEveryErrorInTheLogHasARemedy(t *testing.T) {
	t.Parallel()
	page := errorsPage(t)
	found := 0
	for _, file := range sources(t) {
		path := filepath.ToSlash(file)
		if strings.HasSuffix(path, "_test.go") || slices.ContainsFunc([]string{"/internal/harness/", "/internal/demo/", "/examples/", "/bench/", "/tools/", "test/"},
			func(part string) bool { return strings.Contains(path, part) }) {
			continue
		}
		eachCall(t, file, func(name string, args []ast.Expr, at token.Position) {
			if name != "Error" && name != "ErrorContext" {
				return
			}
			message := text(args[0])
			if message == "" && name == "ErrorContext" && len(args) > 1 {
				message = text(args[1])
			}
			if message == "" {
				return
			}
			found++
			if !strings.Contains(page, "`"+message+"`") {
				t.Errorf("%s logs %q: add a row to docs/errors.md that says what whoever reads it has to do", at, message)
			}
		})
	}
	if found < 20 {
		t.Errorf("only %d messages were found", found)
	}
}

// TestEveryAdviceOfCheckStandsInTheDocs requires that docs/errors.md lists what check says of SLOs that can be
// read and mislead. What can't be read is said with the remedy, in the place where it stands.
func TestEveryAdviceOfCheckStandsInTheDocs(t *testing.T) {
	t.Parallel()
	page := errorsPage(t)
	found := 0
	for _, pattern := range []string{"../../slo/lint*.go", "../../slo/policy.go", "../../internal/datacheck/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			eachCall(t, file, func(name string, args []ast.Expr, at token.Position) {
				message := ""
				switch {
				case name == "add" && len(args) >= 4:
					message = text(args[3])
				case name == "Sprintf" && strings.HasSuffix(file, "policy.go"):
					if message = text(args[0]); strings.HasPrefix(message, "alerting.") || strings.HasPrefix(message, "write ") {
						return
					}
				}
				if message == "" {
					return
				}
				found++
				shown := verb.ReplaceAllStringFunc(message, func(v string) string {
					if v == "%%" {
						return "%"
					}
					return "…"
				})
				if !strings.Contains(page, shown) {
					t.Errorf("%s finds %q: add it to docs/errors.md", at, shown)
				}
			})
		}
	}
	if found < 35 {
		t.Errorf("only %d messages were found", found)
	}
}

// verb is what fmt replaces.
var verb = regexp.MustCompile(`%%|%[-+#0-9.]*[a-zA-Z]`)

func errorsPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// eachCall visits the calls in a file that have arguments, with the last name of what is called.
func eachCall(t *testing.T, file string, visit func(name string, args []ast.Expr, at token.Position)) {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is || len(call.Args) == 0 {
			return true
		}
		if method, is := call.Fun.(*ast.SelectorExpr); is {
			visit(method.Sel.Name, call.Args, files.Position(call.Pos()))
		}
		return true
	})
}

// text returns the text of a constant, also of one in several pieces; "" for anything else.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			unquoted, _ := strconv.Unquote(e.Value)
			return unquoted
		}
	case *ast.BinaryExpr:
		if left, right := text(e.X), text(e.Y); e.Op == token.ADD && left != "" && right != "" {
			return left + right
		}
	}
	return ""
}

// TestEveryReasonOfARefusalHasARemedy requires that docs/errors.md names each reason for which what was sent is
// not taken, as docs/metrics.md has them.
func TestEveryReasonOfARefusalHasARemedy(t *testing.T) {
	t.Parallel()
	page := errorsPage(t)
	metrics, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{"burnline_ingest_refused_samples_total", "burnline_collector_refused_requests_total", "burnline_ingest_refused_requests_total", "burnline_spans_uncounted_total"} {
		row := regexp.MustCompile("(?m)^\\| `" + metric + "` \\| counter \\| ([^|]*)\\|").FindStringSubmatch(string(metrics))
		if row == nil {
			t.Errorf("docs/metrics.md has no row of %s", metric)
			continue
		}
		_, reasons, _ := strings.Cut(row[1], "`reason`: ")
		reasons, _, _ = strings.Cut(reasons, ";")
		all := regexp.MustCompile("`[a-z_]+`").FindAllString(reasons, -1)
		if len(all) < 2 {
			t.Errorf("docs/metrics.md names the reasons %q of %s", all, metric)
		}
		for _, reason := range all {
			if !strings.Contains(page, reason) {
				t.Errorf("docs/errors.md does not say what to do about the reason %s of %s", reason, metric)
			}
		}
	}
}
