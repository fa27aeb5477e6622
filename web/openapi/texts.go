package openapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// Texts are what the doc comments say, by type with its package's path, such as burnline/slo.Status.
type Texts map[string]Text

// Text is what is said of one type.
type Text struct {
	// Text is the type's doc comment, and Fields those of its fields by their Go names.
	Text   string            `json:"text,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	// Words are the values of the constants of a type of text, which are all that it may be.
	Words []string `json:"words,omitempty"`
}

// Read collects from source what is said of the types of the operations. Root is the folder of the
// module and module its path; of other modules nothing is read. An open type, named as Texts name
// it, may be other words than those of its constants.
func Read(root, module string, ops []Operation, open ...string) (Texts, error) {
	all := Texts{}
	for _, pkg := range packages(module, ops) {
		dir := filepath.Join(root, strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/"))
		if err := readFolder(dir, pkg, all); err != nil {
			return nil, fmt.Errorf("read the doc comments of %s: %w", pkg, err)
		}
	}
	for _, name := range open {
		one := all[name]
		one.Words = nil
		all[name] = one
	}
	used := Texts{}
	for _, t := range reached(ops) {
		if text, ok := all[typeName(t)]; ok && (text.Text != "" || len(text.Fields)+len(text.Words) > 0) {
			used[typeName(t)] = text
		}
	}
	return used, nil
}

// reached are the named types of the operations, with all that they hold.
func reached(ops []Operation) []reflect.Type {
	seen, list := map[reflect.Type]bool{}, []reflect.Type(nil)
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		if t.Name() != "" && t.PkgPath() != "" {
			list = append(list, t)
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				if f := t.Field(i); f.Tag.Get("json") != "-" {
					walk(f.Type)
				}
			}
		}
	}
	for _, o := range ops {
		if o.Body != nil {
			walk(reflect.TypeOf(o.Body.Value))
		}
		for _, a := range o.Answers {
			walk(reflect.TypeOf(a.Value))
		}
	}
	return list
}

func packages(module string, ops []Operation) []string {
	set := map[string]bool{}
	for _, t := range reached(ops) {
		if p := t.PkgPath(); p == module || strings.HasPrefix(p, module+"/") {
			set[p] = true
		}
	}
	return sortedKeys(set)
}

func readFolder(dir, pkg string, into Texts) error {
	files := token.NewFileSet()
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != ".":
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if g, ok := decl.(*ast.GenDecl); ok {
				readDecl(g, pkg, into)
			}
		}
		return nil
	})
}

func readDecl(g *ast.GenDecl, pkg string, into Texts) {
	for _, spec := range g.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			readType(s, g, pkg, into)
		case *ast.ValueSpec:
			kind, ok := s.Type.(*ast.Ident)
			if !ok || g.Tok != token.CONST {
				continue
			}
			one := into[pkg+"."+kind.Name]
			for _, v := range s.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if word, err := strconv.Unquote(lit.Value); err == nil {
						one.Words = append(one.Words, word)
					}
				}
			}
			into[pkg+"."+kind.Name] = one
		}
	}
}

func readType(s *ast.TypeSpec, g *ast.GenDecl, pkg string, into Texts) {
	one := into[pkg+"."+s.Name.Name]
	if one.Text = said(s.Doc); one.Text == "" && len(g.Specs) == 1 {
		one.Text = said(g.Doc)
	}
	if fields, ok := s.Type.(*ast.StructType); ok {
		for _, f := range fields.Fields.List {
			text := said(f.Doc)
			if text == "" {
				text = said(f.Comment)
			}
			for _, name := range f.Names {
				if text == "" {
					continue
				}
				if one.Fields == nil {
					one.Fields = map[string]string{}
				}
				one.Fields[name.Name] = text
			}
		}
	}
	into[pkg+"."+s.Name.Name] = one
}

// said is a comment in one line.
func said(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
