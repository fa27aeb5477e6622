package yamlconf

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// Wrong is the error of an UnmarshalText that also knows what to write instead.
type Wrong struct {
	Message string
	Instead string
}

// Error implements error.
func (w *Wrong) Error() string { return w.Message + "; " + w.Instead }

// Raw is YAML that is kept as it stands, with aliases and variables already
// replaced, for another reader; nil where the key is absent.
type Raw []byte

// Decode reads the document into into, a pointer to a struct that already
// holds the defaults; a key without a value keeps its default. Fields are named by
// their yaml tags. Besides plain types it knows time.Duration (1h30m, 30d),
// Raw, encoding.TextUnmarshaler, yaml.Unmarshaler and what older YAML libraries have in its place.
// A struct that is a TextUnmarshaler may be written as one value or as keys and values.
func (d *Document) Decode(into any) slo.Findings {
	dec := &decoder{doc: d}
	dec.decode(d.root, reflect.ValueOf(into), "", 0)
	slices.SortStableFunc(dec.findings, func(a, b slo.Finding) int { return a.Line - b.Line })
	return dec.findings
}

// DecodeForeign is Decode for a document of another tool. A key that is not known is a warning,
// since that tool ignores it as well. key turns a tag into the key that the document has, such as page_alert into
// pageAlert; nil leaves it.
func (d *Document) DecodeForeign(into any, key func(string) string) slo.Findings {
	dec := &decoder{doc: d, foreign: true, key: key}
	dec.decode(d.root, reflect.ValueOf(into), "", 0)
	slices.SortStableFunc(dec.findings, func(a, b slo.Finding) int { return a.Line - b.Line })
	return dec.findings
}

type decoder struct {
	doc      *Document
	foreign  bool                // unknown keys are warnings
	key      func(string) string // the document's key of a tag; nil where they are the same
	findings slo.Findings
	aliases  int // how many aliases we are inside of
	aliased  int // values that came from aliases
	stopped  bool
	// oldBooleans is how many structs that are marked YAML11 we are inside of.
	oldBooleans int
}

func (d *decoder) report(n *yaml.Node, path, message, instead string) {
	d.findings = append(d.findings, d.doc.findingAt(n, path, message, instead))
}

// bounded reports whether a value may be read, and says once why not.
func (d *decoder) bounded(n *yaml.Node, path string, depth int) bool {
	if d.stopped {
		return false
	}
	if d.aliases > 0 {
		d.aliased++
	}
	switch {
	case depth > maxDepth:
		d.report(n, path, fmt.Sprintf("values are nested more than %d deep", maxDepth), "write them flatter")
		d.stopped = true
	case d.aliased > maxAliased:
		d.report(n, path, fmt.Sprintf("aliases expand to more than %d values", maxAliased), "write the values out")
		d.stopped = true
	}
	return !d.stopped
}

func (d *decoder) decode(n *yaml.Node, v reflect.Value, path string, depth int) {
	if !d.bounded(n, path, depth) || isNull(n) {
		return
	}
	if n.Kind == yaml.AliasNode {
		d.aliases++
		d.decode(n.Alias, v, path, depth+1)
		d.aliases--
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !d.custom(n, v, path, depth) {
			d.decode(n, v.Elem(), path, depth)
		}
		return
	}
	if v.CanAddr() && d.custom(n, v.Addr(), path, depth) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if d.expect(n, yaml.MappingNode, path) {
			d.structure(n, v, path, depth)
		}
	case reflect.Map:
		if d.expect(n, yaml.MappingNode, path) {
			d.mapping(n, v, path, depth)
		}
	case reflect.Slice:
		if d.expect(n, yaml.SequenceNode, path) {
			d.sequence(n, v, path, depth)
		}
	default:
		if d.expect(n, yaml.ScalarNode, path) {
			d.scalar(n, v, path)
		}
	}
}

// expect reports a value of another shape than the field's.
func (d *decoder) expect(n *yaml.Node, kind yaml.Kind, path string) bool {
	if n.Kind == kind {
		return true
	}
	message := "expected " + shape(kind) + ", found " + shape(n.Kind)
	instead := ""
	switch kind {
	case yaml.SequenceNode:
		instead = "write [a, b], or one item a line after a dash"
	case yaml.MappingNode:
		instead = "write key: value, one a line and indented"
	case yaml.ScalarNode:
		instead = "write one value; quote it if it begins with { or ["
	}
	d.report(n, path, message, instead)
	return false
}

func shape(kind yaml.Kind) string {
	switch kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string, depth int) {
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	first := d.doc.opts.first(v.Type().Elem())
	for i, item := range n.Content {
		if first.IsValid() {
			items.Index(i).Set(first)
		}
		d.decode(item, items.Index(i), path+"["+strconv.Itoa(i)+"]", depth+1)
	}
	v.Set(items)
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string, depth int) {
	entries := reflect.MakeMap(v.Type())
	v.Set(entries)
	for _, e := range d.entries(n, path, depth) {
		d.entry(e, v, path, depth)
	}
}

// entry decodes one key and value into a map.
func (d *decoder) entry(e entry, v reflect.Value, path string, depth int) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	value := reflect.New(v.Type().Elem()).Elem()
	d.decode(e.value, value, join(path, e.key.Value), depth+1)
	v.SetMapIndex(reflect.ValueOf(e.key.Value).Convert(v.Type().Key()), value)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
