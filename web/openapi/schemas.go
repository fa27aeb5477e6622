package openapi

import (
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemas are the Go types of an API and what describes them.
type schemas struct {
	texts Texts
	// own is the package whose lists are never null.
	own string
	// names are the types that stand under a name of their own, in the order in which they were met.
	names map[reflect.Type]string
	order []reflect.Type
	// known are types that are described in place, such as times and words of a fixed list.
	known map[reflect.Type]*jsonschema.Schema
	done  map[string]*jsonschema.Schema
	// faults are the types that can't be described.
	faults []error
}

func newSchemas(texts Texts, own string) *schemas {
	return &schemas{texts: texts, own: own, names: map[reflect.Type]string{}, done: map[string]*jsonschema.Schema{}, known: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time]():       {Type: "string", Format: "date-time"},
		reflect.TypeFor[time.Duration]():   {Type: "integer", Description: "nanoseconds"},
		reflect.TypeFor[json.RawMessage](): {},
		reflect.TypeFor[[]byte]():          {Type: "string", ContentEncoding: "base64"},
	}}
}

// add takes note of the type of a value and of all that it holds.
func (s *schemas) add(value any) {
	if value != nil {
		s.meet(reflect.TypeOf(value))
	}
}

func (s *schemas) meet(t reflect.Type) {
	if s.known[t] != nil || s.names[t] != "" {
		return
	}
	s.opaque(t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		s.meet(t.Elem())
	case reflect.String:
		if words := s.texts[typeName(t)].Words; len(words) > 0 {
			s.known[t] = &jsonschema.Schema{Type: "string", Enum: anys(words)}
		}
	case reflect.Struct:
		if t.Name() != "" {
			s.names[t] = s.name(t)
			s.order = append(s.order, t)
		}
		s.meetFields(t)
	}
}

// meetFields takes note of what a struct holds.
func (s *schemas) meetFields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if e := embedded(f); e != nil {
			s.meetFields(e) // its fields stand in the outer type's place
		} else if f.IsExported() && f.Tag.Get("json") != "-" {
			s.meet(f.Type)
		}
	}
}

// embedded is the struct whose fields stand in place of f; nil where f is a field of its own.
func embedded(f reflect.StructField) reflect.Type {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !f.Anonymous || t.Kind() != reflect.Struct || f.Tag.Get("json") != "" {
		return nil
	}
	return t
}

// name is what a type is called: without the suffix of those that are written for the API alone,
// and with its package where another one has the name.
func (s *schemas) name(t reflect.Type) string {
	short := strings.TrimSuffix(t.Name(), "JSON")
	if short == "slo" {
		short = "SLO"
	}
	short = capital(short)
	taken := func(n string) bool { return slices.Contains(slices.Collect(maps.Values(s.names)), n) }
	if !taken(short) {
		return short
	}
	_, pkg := splitLast(t.PkgPath(), "/")
	return capital(pkg) + short
}

// generate describes every type that was met.
func (s *schemas) generate() error {
	if len(s.faults) > 0 {
		return errors.Join(s.faults...)
	}
	for _, t := range s.order {
		known := maps.Clone(s.known)
		for other, name := range s.names {
			if other != t {
				known[other] = &jsonschema.Schema{Ref: "#/components/schemas/" + name}
			}
		}
		for _, f := range reflect.VisibleFields(t) {
			if e := embedded(f); e != nil {
				delete(known, e)
			}
		}
		one, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: known})
		if err != nil {
			return fmt.Errorf("describe %s: %w", t, err)
		}
		settle(one, t.PkgPath() != s.own)
		s.say(t, one)
		s.done[s.names[t]] = one
	}
	return nil
}

// opaque takes note of types whose JSON reflection can't foresee.
func (s *schemas) opaque(t reflect.Type) {
	for _, i := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Kind() != reflect.Pointer && (t.Implements(i) || reflect.PointerTo(t).Implements(i)) {
			s.faults = append(s.faults, fmt.Errorf("describe %s: it writes itself, so say in newSchemas what it writes", t))
		}
	}
}

// of describes the type of a value, by reference where it has a name.
func (s *schemas) of(value any) (*jsonschema.Schema, error) {
	known := maps.Clone(s.known)
	for t, name := range s.names {
		known[t] = &jsonschema.Schema{Ref: "#/components/schemas/" + name}
	}
	one, err := jsonschema.ForType(reflect.TypeOf(value), &jsonschema.ForOptions{TypeSchemas: known})
	if err != nil {
		return nil, fmt.Errorf("describe %T: %w", value, err)
	}
	settle(one, false)
	return one, nil
}

// settle says what the library leaves to us: a list or map is null where it may be nil, a pointer to
// a named type is it or null, and fields may be added one day.
func settle(s *jsonschema.Schema, null bool) {
	if s.Items != nil {
		settle(s.Items, false)
		s.Types, s.Type = nil, "array"
	}
	isMap := s.Properties == nil && s.AdditionalProperties != nil
	if isMap {
		settle(s.AdditionalProperties, false)
	} else {
		s.AdditionalProperties = nil
	}
	if null && (s.Items != nil || isMap) {
		s.Types, s.Type = []string{cmp.Or(s.Type, "object"), "null"}, ""
	}
	if s.Ref != "" && len(s.Types) > 0 {
		s.AnyOf, s.Types, s.Ref = []*jsonschema.Schema{{Ref: s.Ref}, {Type: "null"}}, nil, ""
	}
	if len(s.Enum) > 0 && slices.Contains(s.Types, "null") {
		s.Enum = append(slices.Clone(s.Enum), nil)
	}
	for name, p := range s.Properties {
		settle(p, null && slices.Contains(s.Required, name)) // what may be left out is, where it is nil
	}
}

// say puts the doc comments of a type and of its fields beside what they describe.
func (s *schemas) say(t reflect.Type, to *jsonschema.Schema) {
	to.Description = s.texts[typeName(t)].Text
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := to.Properties[cmp.Or(name, f.Name)]
		if p == nil || f.Anonymous {
			continue
		}
		owner := t
		for _, i := range f.Index[:len(f.Index)-1] {
			if owner = owner.Field(i).Type; owner.Kind() == reflect.Pointer {
				owner = owner.Elem()
			}
		}
		if text := s.texts[typeName(owner)].Fields[f.Name]; text != "" {
			p.Description = text
		}
	}
}

// typeName is how Texts name a type.
func typeName(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

func splitLast(text, sep string) (before, after string) {
	i := strings.LastIndex(text, sep)
	return text[:max(i, 0)], text[i+1:]
}

func capital(text string) string {
	for i, r := range text {
		return string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
