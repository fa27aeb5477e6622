// Package house tests what the whole tree promises: who imports whom, and that
// the documents name things that exist.
package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// adapters are the outer packages. Each may import the domain; none may import
// another one: where one needs another it declares a small interface, and
// internal/app passes the part in.
var adapters = []string{
	"alerting/email", "alerting/msteams", "alerting/opsgenie", "alerting/pagerduty", "alerting/slack", "alerting/webhook", "collector", "dashboards", "internal/oidc", "rules", "slo/engine",
	"storage/checkpoints", "storage/metrics", "storage/state", "storage/traces", "web",
}

// wiring are the packages that put adapters together.
var wiring = []string{"cmd", "internal/app", "internal/alertconf", "internal/routetest", "internal/demo", "internal/harness", "internal/house", "bench", "examples", "dist"}

// domain are the packages in the middle with everything of this module that
// they may import.
var domain = map[string][]string{
	"slo":                     {},
	"slo/changes":             {"slo", "internal/repeat"},
	"slo/corrections":         {"slo"},
	"slo/impact":              {"slo", "slo/explain"},
	"slo/report":              {"slo"},
	"slo/report/desk":         {"slo", "slo/report"},
	"slo/report/pdf":          {"slo/report"},
	"slo/explain":             {"slo"},
	"slo/explain/csvfile":     {"slo", "slo/explain"},
	"slo/spec":                {"slo", "slo/corrections", "slo/spec/foreign", "slo/spec/promql", "slo/spec/sloth", "slo/spec/pyrra", "slo/spec/openslo", "slo/spec/internal/valid", "internal/spancond", "internal/yamlconf"},
	"slo/spec/foreign":        {"slo", "slo/spec/internal/valid", "internal/yamlconf"},
	"slo/spec/openslo":        {"slo", "slo/spec/foreign", "slo/spec/promql", "internal/yamlconf"},
	"slo/spec/promql":         {"slo", "internal/yamlconf"},
	"slo/spec/pyrra":          {"slo", "slo/spec/foreign", "slo/spec/promql", "internal/yamlconf"},
	"slo/spec/sloth":          {"slo", "slo/spec/foreign", "slo/spec/promql", "internal/yamlconf"},
	"slo/spec/internal/valid": {"internal/yamlconf"},
	"alerting":                {"slo"},
	"alerting/drills":         {"slo", "internal/repeat"},
	"alerting/maintenance":    {"slo", "slo/corrections", "alerting", "alerting/silences", "internal/spelling"},
	"alerting/post":           {"slo", "alerting", "internal/retryafter"},
	"alerting/render":         {"slo", "alerting"},
	"alerting/reviews":        {"slo", "alerting"},
	"alerting/shadow":         {"slo", "alerting"},
	"alerting/statuspage":     {"slo", "slo/report", "alerting"},
	"alerting/silences":       {"slo", "alerting", "internal/repeat"},
	"internal/auth":           {"slo", "internal/yamlconf"},
	"internal/auth/authtest":  {"internal/auth"},
	"internal/propose":        {"slo", "slo/spec"},
	"internal/redact":         {},
	"internal/repeat":         {},
	"internal/retryafter":     {},
	"internal/spancond":       {"internal/yamlconf"},
	"internal/spelling":       {},
	"internal/unread":         {},
	"internal/yamlconf":       {"slo", "internal/spelling"},
}

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, "burnline/")
		for _, imported := range p.Imports {
			inner, ours := strings.CutPrefix(imported, "burnline/")
			if !ours {
				if path == "slo" && strings.Contains(strings.Split(imported, "/")[0], ".") {
					t.Errorf("slo imports %s: the domain imports the standard library only; pass the part in as a function or interface", imported)
				}
				continue
			}
			if why := forbidden(path, inner); why != "" {
				t.Errorf("%s imports %s: %s", path, inner, why)
			}
		}
		for _, imported := range append(p.TestImports, p.XTestImports...) {
			inner, ours := strings.CutPrefix(imported, "burnline/")
			if from, to := group(path), group(inner); ours && from != "" && to != "" && from != to {
				t.Errorf("a test of %s imports %s: test the two together in internal/harness or cmd/burnline", path, inner)
			}
		}
	}
}

// forbidden says what to do instead of the import, or "" when it is allowed.
func forbidden(from, to string) string {
	if allowed, ok := domain[from]; ok {
		if !slices.Contains(allowed, to) {
			return "the domain knows nothing of adapters; declare an interface in " + from + " and let internal/app pass the part in"
		}
		return ""
	}
	if own := group(from); own != "" {
		if other := group(to); other != "" && other != own {
			return "adapters never import each other; declare a small interface in " + from + " and let internal/app pass the part in"
		}
		if within(to, wiring) {
			return "only cmd may import the wiring; pass the value down instead"
		}
	}
	if strings.HasPrefix(from, "internal/app") && within(to, []string{"cmd"}) {
		return "imports run from cmd to internal/app, never back"
	}
	return ""
}

// group returns the adapter that a package belongs to, or "".
func group(path string) string {
	for _, a := range adapters {
		if path == a || strings.HasPrefix(path, a+"/") {
			return a
		}
	}
	return ""
}

func within(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("decode go list: %v", err)
		}
		all = append(all, p)
	}
}
