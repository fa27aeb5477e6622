package yamlconf

import (
	"encoding"
	"errors"
	"net/url"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"
)

// asked is how types of YAML libraries before version 3 read themselves: they are handed
// a function that reads the value into anything.
type asked interface {
	UnmarshalYAML(read func(any) error) error
}

// errFound ends a type's own reading where what is wrong was reported already.
var errFound = errors.New("reported already")

// custom lets types read themselves; false when the type can't.
func (d *decoder) custom(n *yaml.Node, v reflect.Value, path string, depth int) bool {
	var err error
	switch target := v.Interface().(type) {
	case *Raw:
		node := d.plain(n, path, depth)
		if d.stopped {
			return true
		}
		*target, err = yaml.Marshal(node)
	case *time.Duration:
		if d.expect(n, yaml.ScalarNode, path) {
			*target, err = ParseDuration(n.Value)
		}
	case yaml.Unmarshaler:
		node := d.plain(n, path, depth)
		if d.stopped {
			return true
		}
		err = target.UnmarshalYAML(node)
	case asked:
		err = d.ask(n, target, path, depth)
	case encoding.TextUnmarshaler:
		if n.Kind == yaml.MappingNode && tagged(v.Type().Elem()) {
			return false
		}
		if d.expect(n, yaml.ScalarNode, path) {
			err = target.UnmarshalText([]byte(n.Value))
		}
	default:
		return false
	}
	if err != nil {
		d.reportError(n, path, err)
	}
	return true
}

// ask lets a type read itself with this decoder, so that its parts are read as strictly
// as all others, and each finding has its line.
func (d *decoder) ask(n *yaml.Node, target asked, path string, depth int) error {
	before := len(d.findings.Errors())
	err := target.UnmarshalYAML(func(into any) error {
		d.decode(n, reflect.ValueOf(into), path, depth+1)
		if d.stopped || len(d.findings.Errors()) > before {
			return errFound
		}
		return nil
	})
	if len(d.findings.Errors()) > before {
		return nil
	}
	return err
}

// tagged reports whether a type is a struct with keys of its own.
func tagged(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") != "" {
			return true
		}
	}
	return false
}

func (d *decoder) reportError(n *yaml.Node, path string, err error) {
	message, instead := err.Error(), ""
	var address *url.Error
	if errors.As(err, &address) {
		message = "it is no web address: " + address.Err.Error() // without the address, which may hold a password
	}
	var wrong *Wrong
	if errors.As(err, &wrong) {
		message, instead = wrong.Message, wrong.Instead
	}
	if d.doc.expanded[n] {
		// The value may be a secret, so it is not shown.
		message, instead = "the value that the environment variable holds does not fit here", ""
	}
	d.report(n, path, message, instead)
}

// plain returns a copy without aliases and anchors, for other readers.
func (d *decoder) plain(n *yaml.Node, path string, depth int) *yaml.Node {
	if !d.bounded(n, path, depth) {
		return n
	}
	if n.Kind == yaml.AliasNode {
		d.aliases++
		defer func() { d.aliases-- }()
		return d.plain(n.Alias, path, depth+1)
	}
	flat := *n
	flat.Anchor = ""
	flat.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		flat.Content[i] = d.plain(child, path, depth+1)
	}
	return &flat
}
