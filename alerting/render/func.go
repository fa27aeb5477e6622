package render

import (
	"errors"
	"fmt"
	"strings"
	"text/template"

	amtemplate "github.com/prometheus/alertmanager/template"
	"gopkg.in/yaml.v3"

	"burnline/alerting"
)

// Func renders a user's template for a row. Its error says what is wrong in one line.
type Func func(text string, row alerting.Row) (string, error)

// Syntax reports a text that is no template, such as one with an action that does not end. key names it.
func Syntax(key, text string) error {
	if !strings.Contains(text, "{{") {
		return nil
	}
	if _, err := template.New("").Funcs(template.FuncMap(amtemplate.DefaultFuncs)).Parse(text); err != nil {
		return fmt.Errorf("%s is no template: %s", key, reason(err))
	}
	return nil
}

// Fields render what a user wrote for one message, and remember what failed.
type Fields struct {
	render Func
	row    alerting.Row
	// failed is shared with what Escaped returns.
	failed *[]string
}

// NewFields returns the fields of one message. A nil render knows no templates.
func NewFields(render Func, row alerting.Row) *Fields {
	return &Fields{render: render, row: row, failed: new([]string)}
}

// errNoTemplates is what a template meets where nobody renders any.
var errNoTemplates = errors.New("no templates are loaded")

// Text returns the user's text of a setting, rendered; own where there is none or where it fails.
func (f *Fields) Text(key, text, own string) string { return f.With(f.render, key, text, own) }

// With is Text by another renderer, such as that of HTML.
func (f *Fields) With(render Func, key, text, own string) string {
	switch {
	case text == "":
		return own
	case !strings.Contains(text, "{{"):
		return text // it renders to itself
	}
	rendered, err := "", errNoTemplates
	if render != nil {
		rendered, err = render(text, f.row)
	}
	if err != nil {
		f.Fail(key, err)
		return own
	}
	return rendered
}

// Func renders texts of this message, and returns the error of one that fails.
func (f *Fields) Func() func(string) (string, error) {
	return func(text string) (string, error) {
		switch {
		case !strings.Contains(text, "{{"):
			return text, nil
		case f.render == nil:
			return "", errNoTemplates
		}
		return f.render(text, f.row)
	}
}

// Fail remembers that a setting could not be rendered.
func (f *Fields) Fail(key string, err error) { *f.failed = append(*f.failed, key+": "+err.Error()) }

// Errors returns how many templates failed.
func (f *Fields) Errors() int { return len(*f.failed) }

// Failure says in the message which templates failed; "" when none did. It is to be read after the last field.
func (f *Fields) Failure() string {
	if len(*f.failed) == 0 {
		return ""
	}
	return "A template of yours fails, so this is Burnline's own text (" + strings.Join(*f.failed, "; ") + ")."
}

// Tree is a value of any shape in a configuration, whose texts are templates.
type Tree struct{ Value any }

var _ yaml.Unmarshaler = (*Tree)(nil)

// UnmarshalYAML takes the value as it stands.
func (t *Tree) UnmarshalYAML(node *yaml.Node) error { return node.Decode(&t.Value) }
