package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A name in the document looks like `slo/engine.Engine.Deliver`: a folder of
// this tree, a top-level name, and perhaps a method or field.
var named = regexp.MustCompile("`([a-z][a-z0-9/_]*)\\.([A-Za-z]\\w*)(?:\\.([A-Za-z]\\w*))?(?:\\(\\))?`")

// A folder in the document looks like `storage/metrics/local/`.
var folder = regexp.MustCompile("`((?:cmd|collector|storage|slo|alerting|dashboards|web|examples|internal|docs|bench|tools)(?:/[a-zA-Z0-9_]+)*)/`")

func TestTheArchitectureDocumentNamesOnlyWhatExists(t *testing.T) {
	doc, err := os.ReadFile("../../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, m := range named.FindAllStringSubmatch(string(doc), -1) {
		dir := filepath.Join("../..", m[1])
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			if !strings.Contains(m[1], "/") && m[1] != "slo" && m[1] != "alerting" && m[1] != "collector" && m[1] != "web" {
				continue // a file such as `burnline.yaml`, not a symbol
			}
			t.Errorf("docs/ARCHITECTURE.md names %s: there is no folder %s", m[0], m[1])
			continue
		}
		checked++
		if !declares(t, dir, m[2], m[3]) {
			t.Errorf("docs/ARCHITECTURE.md names %s: package %s does not declare it", m[0], m[1])
		}
	}
	for _, m := range folder.FindAllStringSubmatch(string(doc), -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("docs/ARCHITECTURE.md names the folder %s: it does not exist", m[1])
		}
	}
	if checked < 20 {
		t.Errorf("only %d symbols were found in docs/ARCHITECTURE.md; the way of a data point is told function by function", checked)
	}
}

// declares reports whether the package in dir has the top-level name and, when
// member is given, a method or field of that name on it.
func declares(t *testing.T, dir, name, member string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	top, inner := false, member == ""
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					top = top || d.Name.Name == name
				} else if receiver(d.Recv.List[0].Type) == name && d.Name.Name == member {
					inner = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					declared, has := specNames(s, name, member)
					top, inner = top || declared, inner || has
				}
			}
		}
	}
	return top && inner
}

// specNames reports whether the spec declares name, and whether what it
// declares has the member as a field or interface method.
func specNames(s ast.Spec, name, member string) (declared, has bool) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			declared = declared || n.Name == name
		}
	case *ast.TypeSpec:
		if s.Name.Name != name {
			return false, false
		}
		declared = true
		var fields *ast.FieldList
		switch typ := s.Type.(type) {
		case *ast.StructType:
			fields = typ.Fields
		case *ast.InterfaceType:
			fields = typ.Methods
		default:
			return true, false
		}
		for _, f := range fields.List {
			for _, n := range f.Names {
				has = has || n.Name == member
			}
		}
	}
	return declared, has
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
