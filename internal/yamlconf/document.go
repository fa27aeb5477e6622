// Package yamlconf reads YAML strictly into plain structs and says everything
// that is wrong at once, each with file, line, column and field: unknown and
// repeated keys (with the nearest known one), wrong types, unset variables.
// It bounds what a file may cost: its size, its depth and what its aliases
// expand to.
package yamlconf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// The limits of a file.
const (
	// MaxBytes is the largest file that is read.
	MaxBytes = 1 << 20
	// maxDepth bounds nesting, and with it an alias that contains itself.
	maxDepth = 64
	// maxAliased bounds the values that come from aliases, so that a few lines of
	// nested aliases can't expand to billions of values.
	maxAliased = 10_000
)

// Options say how a file is read.
type Options struct {
	// File is the file's name, for the findings.
	File string
	// ExpandEnv replaces ${env:NAME} in values. Every other $ stays.
	ExpandEnv bool
	// LookupEnv finds a variable; nil means os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	// Defaults are values that new items of lists start from: one of a type is what holds
	// for each item of this type before its keys are read.
	Defaults []any
}

// first returns what a new item of a type starts from; invalid where it is zero.
func (o Options) first(t reflect.Type) reflect.Value {
	for _, d := range o.Defaults {
		if v := reflect.ValueOf(d); v.Type() == t {
			return v
		}
	}
	return reflect.Value{}
}

// Document is one YAML document of a file.
type Document struct {
	opts     Options
	root     *yaml.Node
	expanded map[*yaml.Node]bool // scalars that hold a variable's value, never to be shown
}

// Parse splits a file into its documents; empty ones are left out. What can't
// be read as YAML, is larger than MaxBytes, or names an unset variable is a finding.
func Parse(data []byte, opts Options) ([]*Document, slo.Findings) {
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	if len(data) > MaxBytes {
		return nil, slo.Findings{{
			Source: slo.Source{File: opts.File}, Level: slo.LevelError,
			Message: fmt.Sprintf("the file is larger than the %d bytes that are read", MaxBytes),
			Instead: "split it into several files",
		}}
	}
	var docs []*Document
	var findings slo.Findings
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		node := new(yaml.Node)
		err := decoder.Decode(node)
		if errors.Is(err, io.EOF) {
			return docs, findings
		}
		if err != nil {
			return docs, append(findings, syntaxFinding(data, opts, err))
		}
		doc := &Document{opts: opts, root: node, expanded: map[*yaml.Node]bool{}}
		if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
			doc.root = node.Content[0]
		}
		if isNull(doc.root) {
			continue
		}
		if opts.ExpandEnv {
			findings = append(findings, doc.expand(doc.root, 0)...)
		}
		docs = append(docs, doc)
	}
}

// Decode reads a file of at most one document into into, a pointer to a
// struct that already holds the defaults. The document is nil when the file
// is empty or unreadable.
func Decode(data []byte, into any, opts Options) (*Document, slo.Findings) {
	docs, findings := Parse(data, opts)
	if len(docs) == 0 {
		return nil, findings
	}
	if len(docs) > 1 {
		findings = append(findings, docs[1].Finding("", "the file holds several documents, and only the first is read",
			"keep everything above the --- line"))
	}
	return docs[0], append(findings, docs[0].Decode(into)...)
}

func isNull(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parserMessage matches the messages of the parser proper, as opposed to the scanner's.
var parserMessage = regexp.MustCompile(`^did not find expected (key|node content|'-'|',' or|<document start>)`)

// syntaxFinding takes the line out of the parser's message.
func syntaxFinding(data []byte, opts Options, err error) slo.Finding {
	f := slo.Finding{Source: slo.Source{File: opts.File}, Level: slo.LevelError, Message: "this is no YAML: " + err.Error()}
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		f.Line, _ = strconv.Atoi(m[1])
		f.Message = "this is no YAML: " + m[2]
		if parserMessage.MatchString(m[2]) {
			f.Line++ // these count from 0, and name where the block begins
		}
	}
	switch {
	case opts.ExpandEnv && strings.Contains(lineOf(data, f.Line), "${env:"):
		f.Instead = `quote "${env:NAME}" where it stands within { } or [ ]`
	case strings.Contains(f.Message, "cannot start any token"):
		f.Instead = "indent with spaces, not tabs, and quote values that begin with a special character"
	case strings.Contains(f.Message, "mapping values are not allowed"):
		f.Instead = "check the indentation, and quote values that contain a colon"
	case strings.Contains(f.Message, "unexpected end of stream"):
		f.Instead = "close the quote that begins here"
	case strings.Contains(f.Message, "did not find expected"):
		f.Instead = "check quotes, brackets and indentation from this line on"
	}
	return f
}

func lineOf(data []byte, line int) string {
	lines := strings.SplitN(string(data), "\n", line+1)
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// File returns the name of the file that the document stands in.
func (d *Document) File() string { return d.opts.File }

// Line returns the line on which the document's content begins.
func (d *Document) Line() int { return d.root.Line }

// Text returns the scalar at a path such as "metadata.name"; "" where there is none.
func (d *Document) Text(path string) string {
	_, value, rest := d.find(path)
	if rest != "" || value.Kind != yaml.ScalarNode {
		return ""
	}
	return value.Value
}

// Has reports whether the path is in the document, be it empty.
func (d *Document) Has(path string) bool {
	_, _, rest := d.find(path)
	return rest == ""
}

// Finding returns an error finding at a path such as "spec.sli" or
// "spec.group_by[1]". Where the path is not in the document, it points to the
// nearest part above it that is.
func (d *Document) Finding(path, message, instead string) slo.Finding {
	at, _, _ := d.find(path)
	return d.findingAt(at, path, message, instead)
}

// Warning returns a warning at a path, like Finding.
func (d *Document) Warning(path, message, instead string) slo.Finding {
	f := d.Finding(path, message, instead)
	f.Level = slo.LevelWarning
	return f
}

// Add adds findings that are known by their paths, each with its place. Those at a path of
// which found says something already are left out. A nil document adds them as they are.
func (d *Document) Add(found slo.Findings, more ...slo.Finding) slo.Findings {
	known := len(found)
	for _, f := range more {
		if slices.ContainsFunc(found[:known], func(g slo.Finding) bool { return g.Path == f.Path }) {
			continue
		}
		if d != nil && f.File == "" {
			at := d.Finding(f.Path, f.Message, f.Instead)
			at.Level = f.Level
			f = at
		}
		found = append(found, f)
	}
	slices.SortStableFunc(found, func(a, b slo.Finding) int { return a.Line - b.Line })
	return found
}

func (d *Document) findingAt(n *yaml.Node, path, message, instead string) slo.Finding {
	return slo.Finding{
		Source: slo.Source{File: d.opts.File, Line: n.Line}, Column: n.Column,
		Path: path, Level: slo.LevelError, Message: message, Instead: instead,
	}
}

// find walks to a path as far as it goes. It returns where the last part found
// stands (its key, or the item), that part's value, and what is left of the path.
func (d *Document) find(path string) (at, value *yaml.Node, rest string) {
	at, value = d.root, d.root
	for path != "" {
		name, next := splitPath(path)
		var found *yaml.Node
		if i, isIndex := itemIndex(name); isIndex && value.Kind == yaml.SequenceNode && i < len(value.Content) {
			found = value.Content[i]
			at = found
		}
		for i := 0; value.Kind == yaml.MappingNode && i+1 < len(value.Content); i += 2 {
			if value.Content[i].Value == name {
				at, found = value.Content[i], value.Content[i+1]
			}
		}
		if found == nil {
			return at, value, path
		}
		if found.Kind == yaml.AliasNode {
			found = found.Alias
		}
		value, path = found, next
	}
	return at, value, ""
}

// splitPath cuts the first key or index off a path: "a.b[1]" is "a", "b[1]".
func splitPath(path string) (first, rest string) {
	end := strings.IndexAny(path[1:], ".[")
	if end < 0 {
		return path, ""
	}
	end++
	return path[:end], strings.TrimPrefix(path[end:], ".")
}

func itemIndex(name string) (int, bool) {
	inner, ok := strings.CutPrefix(name, "[")
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(strings.TrimSuffix(inner, "]"))
	return i, err == nil && i >= 0
}
