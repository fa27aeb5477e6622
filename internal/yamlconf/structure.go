package yamlconf

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/internal/spelling"
	"burnline/slo"
)

// NotYet marks keys that are known but not built: a blank field of a struct,
// `_ yamlconf.NotYet` with the tag `keys:"a b"`, makes each of them a finding
// that says so, and `instead:"…"` what to do. With `level:"warning"` the file can be
// read all the same; the finding then says that the key is not used.
type NotYet struct{}

// YAML11 marks files of programs that read YAML 1.1: in a struct with a blank field of
// this type, and below it, yes, no, on and off are booleans as well.
type YAML11 struct{}

// entry is one key and value of a mapping.
type entry struct{ key, value *yaml.Node }

// entries returns a mapping's keys and values, those of merged mappings (<<)
// last, and reports keys that are repeated or no plain word.
func (d *decoder) entries(n *yaml.Node, path string, depth int) []entry {
	seen := map[string]int{}
	var own, merged []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			merged = append(merged, d.merged(value, path, depth)...)
		case key.Kind != yaml.ScalarNode:
			d.report(key, path, "a key must be a single word", "write key: value")
		case seen[key.Value] > 0:
			d.report(key, join(path, key.Value), fmt.Sprintf("the key was given on line %d already", seen[key.Value]), "keep one of them")
		default:
			seen[key.Value] = key.Line
			own = append(own, entry{key, value})
		}
	}
	for _, e := range merged {
		if seen[e.key.Value] == 0 {
			seen[e.key.Value] = e.key.Line
			own = append(own, e)
		}
	}
	return own
}

func (d *decoder) merged(n *yaml.Node, path string, depth int) []entry {
	if !d.bounded(n, path, depth) {
		return nil
	}
	switch n.Kind {
	case yaml.AliasNode:
		d.aliases++
		defer func() { d.aliases-- }()
		return d.merged(n.Alias, path, depth+1)
	case yaml.SequenceNode:
		var all []entry
		for _, item := range n.Content {
			all = append(all, d.merged(item, path, depth+1)...)
		}
		return all
	case yaml.MappingNode:
		return d.entries(n, path, depth+1)
	}
	d.report(n, path, "only keys and values can be merged", "write <<: *name of a mapping")
	return nil
}

// later is what is said of a key that is known but not built.
type later struct {
	instead string
	warning bool
}

// keyset are the keys that a struct takes.
type keyset struct {
	known map[string]reflect.Value
	later map[string]later
	// rest is a map that takes all further keys; invalid where there is none.
	rest reflect.Value
	// old is true where YAML 1.1's booleans are read.
	old bool
}

// structure decodes a mapping into a struct's fields.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string, depth int) {
	keys := keyset{known: map[string]reflect.Value{}, later: map[string]later{}}
	keys.add(v)
	keys.known = d.renamed(keys.known)
	if keys.old {
		d.oldBooleans++
		defer func() { d.oldBooleans-- }()
	}
	for _, e := range d.entries(n, path, depth) {
		name := e.key.Value
		field, ok := keys.known[name]
		switch {
		case ok:
			d.decode(e.value, field, join(path, name), depth+1)
		case keys.later[name] != later{}:
			d.unbuilt(e.key, join(path, name), keys.later[name])
		case keys.rest.IsValid():
			d.entry(e, keys.rest, path, depth)
		default:
			d.unknown(e.key, join(path, name), suggest(name, keys.known))
		}
	}
}

// unbuilt reports a key that is marked by NotYet.
func (d *decoder) unbuilt(key *yaml.Node, path string, l later) {
	if !l.warning {
		d.report(key, path, key.Value+" is not supported yet", l.instead)
		return
	}
	d.report(key, path, key.Value+" is not used", l.instead)
	d.findings[len(d.findings)-1].Level = slo.LevelWarning
}

// unknown reports a key that no field has.
func (d *decoder) unknown(key *yaml.Node, path, instead string) {
	d.report(key, path, fmt.Sprintf("unknown key %q", key.Value), instead)
	if d.foreign {
		f := &d.findings[len(d.findings)-1]
		f.Level, f.Message = slo.LevelWarning, f.Message+" is ignored"
	}
}

// renamed returns the fields by the keys that the document has.
func (d *decoder) renamed(known map[string]reflect.Value) map[string]reflect.Value {
	if d.key == nil {
		return known
	}
	renamed := make(map[string]reflect.Value, len(known))
	for name, field := range known {
		renamed[d.key(name)] = field
	}
	return renamed
}

// add collects a struct's fields by key, those of inlined structs too, and the keys that
// are not built with what to write instead.
func (k *keyset) add(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch field.Type {
		case reflect.TypeFor[NotYet]():
			said := later{instead: cmp.Or(field.Tag.Get("instead"), "leave it out"), warning: field.Tag.Get("level") == "warning"}
			for name := range strings.FieldsSeq(field.Tag.Get("keys")) {
				k.later[name] = said
			}
			continue
		case reflect.TypeFor[YAML11]():
			k.old = true
			continue
		}
		name, flags, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case slices.Contains(strings.Split(flags, ","), "inline"):
			if v.Field(i).Kind() == reflect.Map {
				k.rest = v.Field(i)
			} else {
				k.add(v.Field(i))
			}
		case field.IsExported() && name != "-":
			if name == "" {
				name = strings.ToLower(field.Name)
			}
			k.known[name] = v.Field(i)
		}
	}
}

// suggest names the known key that is nearest to a wrong one, or all of them.
func suggest(name string, known map[string]reflect.Value) string {
	names := slices.Sorted(maps.Keys(known))
	alike := make([]string, len(names))
	for i, k := range names {
		alike[i] = normal(k)
	}
	if i := slices.Index(alike, spelling.Nearest(normal(name), alike)); i >= 0 {
		return "did you mean " + names[i] + "?"
	}
	return "known keys are " + strings.Join(names, ", ")
}

// normal makes camelCase and kebab-case look like our snake_case.
func normal(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}
