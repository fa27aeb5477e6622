package openapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// The document's own shape. Maps are written in the order of their keys, so that the same
// operations always give the same bytes.
type document struct {
	Version    string                          `json:"openapi"`
	Info       infoJSON                        `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components components                      `json:"components"`
}

type infoJSON struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type components struct {
	Schemas map[string]*jsonschema.Schema `json:"schemas"`
}

type operation struct {
	ID         string              `json:"operationId"`
	Summary    string              `json:"summary"`
	Tags       []string            `json:"tags,omitempty"`
	Parameters []parameter         `json:"parameters,omitempty"`
	Body       *body               `json:"requestBody,omitempty"`
	Responses  map[string]response `json:"responses"`
}

type parameter struct {
	Name     string             `json:"name"`
	In       string             `json:"in"`
	Text     string             `json:"description,omitempty"`
	Required bool               `json:"required,omitempty"`
	Schema   *jsonschema.Schema `json:"schema"`
}

type body struct {
	Required bool             `json:"required"`
	Content  map[string]media `json:"content"`
}

type response struct {
	Text    string           `json:"description"`
	Content map[string]media `json:"content,omitempty"`
}

type media struct {
	Schema *jsonschema.Schema `json:"schema"`
}

// Build writes the document. It fails where two operations are the same, and where a type can't
// be told from reflection: one that writes its JSON itself, or that holds itself.
func Build(info Info, ops []Operation, texts Texts) ([]byte, error) {
	types := newSchemas(texts, info.Own)
	for _, o := range ops {
		if o.Body != nil {
			types.add(o.Body.Value)
		}
		for _, status := range sortedKeys(o.Answers) {
			types.add(o.Answers[status].Value)
		}
	}
	if err := types.generate(); err != nil {
		return nil, err
	}
	doc := document{Version: "3.1.0", Info: infoJSON{info.Title, info.Version, info.Description}, Paths: map[string]map[string]operation{}, Components: components{types.done}}
	for _, o := range ops {
		method := strings.ToLower(o.Method)
		if doc.Paths[o.Path] == nil {
			doc.Paths[o.Path] = map[string]operation{}
		}
		if _, twice := doc.Paths[o.Path][method]; twice {
			return nil, fmt.Errorf("describe %s %s: it is there twice", o.Method, o.Path)
		}
		one, err := describe(o, types)
		if err != nil {
			return nil, fmt.Errorf("describe %s %s: %w", o.Method, o.Path, err)
		}
		doc.Paths[o.Path][method] = one
	}
	data, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the description: %w", err)
	}
	return append(data, '\n'), nil
}

func describe(o Operation, types *schemas) (operation, error) {
	out := operation{ID: operationID(o), Summary: o.Summary, Responses: map[string]response{}}
	if o.Tag != "" {
		out.Tags = []string{o.Tag}
	}
	for _, p := range o.Parameters {
		s := p.Schema
		if s == nil {
			s = &jsonschema.Schema{Type: "string"}
		}
		out.Parameters = append(out.Parameters, parameter{p.Name, p.In, p.Text, p.Required || p.In == "path", s})
	}
	if o.Body != nil {
		m, err := contents(*o.Body, types)
		if err != nil {
			return out, err
		}
		out.Body = &body{true, m}
	}
	for status, a := range o.Answers {
		m, err := contents(a.Content, types)
		if err != nil {
			return out, err
		}
		out.Responses[strconv.Itoa(status)] = response{a.Text, m}
	}
	return out, nil
}

func contents(c Content, types *schemas) (map[string]media, error) {
	if c.Media == "" {
		return nil, nil
	}
	s := &jsonschema.Schema{Type: "string"}
	if c.Value != nil {
		var err error
		if s, err = types.of(c.Value); err != nil {
			return nil, err
		}
	}
	return map[string]media{c.Media: {s}}, nil
}

// operationID names an operation after its method and path, such as get_api_v1_slos_id.
func operationID(o Operation) string {
	words := strings.FieldsFunc(o.Path, func(r rune) bool { return strings.ContainsRune("/{}-.", r) })
	return strings.ToLower(o.Method) + "_" + strings.Join(words, "_")
}
