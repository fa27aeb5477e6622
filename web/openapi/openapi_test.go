package openapi

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Thing is of use to nobody.
type Thing struct {
	inner
	// Name is what people call it.
	Name string `json:"name"`
	// Colour is how it looks.
	Colour Colour     `json:"colour"`
	Since  *time.Time `json:"since"`
	Next   *partJSON  `json:"next"`
	Parts  []partJSON `json:"parts,omitempty"`
	Secret string     `json:"-"`
}

type inner struct {
	// Depth is how deep it lies.
	Depth int            `json:"depth"`
	Marks map[string]int `json:"marks"`
}

type partJSON struct {
	Weight float64 `json:"weight"`
}

// Colour is how a thing looks.
type Colour string

const (
	red  Colour = "red"
	blue Colour = "blue"
)

type own struct{ A int }

func (own) MarshalJSON() ([]byte, error) { return []byte(`"me"`), nil }

// things is an API of one operation.
func things(answer any) []Operation {
	return []Operation{{Method: "GET", Path: "/things/{id}", Summary: "A thing", Parameters: []Parameter{{Name: "id", In: "path", Text: "its ID"}},
		Answers: map[int]Answer{200: {"OK", Content{"application/json", answer}}}}}
}

func TestADocumentSaysWhatTypesAndTheirCommentsSay(t *testing.T) {
	// The test's own source isn't read, as no test's is; so the texts are told here.
	texts := Texts{"burnline/web/openapi.Thing": {Text: "Thing is of use to nobody.", Fields: map[string]string{"Name": "Name is what people call it."}},
		"burnline/web/openapi.inner": {Fields: map[string]string{"Depth": "Depth is how deep it lies."}}, "burnline/web/openapi.Colour": {Words: []string{string(red), string(blue)}}}
	data, err := Build(Info{Title: "Things", Version: "1"}, things(Thing{}), texts)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	thing := strings.Join(strings.Fields(string(doc.Components.Schemas["Thing"])), " ")
	for name, want := range map[string]string{
		"a comment":                           `"description": "Name is what people call it."`,
		"the comment of an embedded field":    `"description": "Depth is how deep it lies."`,
		"what has to be there":                `"required": [ "depth", "marks", "name", "colour", "since", "next" ]`,
		"the words of a type of text":         `"enum": [ "red", "blue" ]`,
		"a time that is not known":            `"format": "date-time"`,
		"another type, or null":               `"anyOf": [ { "$ref": "#/components/schemas/Part" }, { "type": "null" } ]`,
		"a map of another package, nil is so": `"marks": { "type": [ "object", "null" ]`,
		"a list that is left out when nil":    `"parts": { "type": "array"`,
	} {
		if !strings.Contains(thing, want) {
			t.Errorf("%s: no %s in %s", name, want, thing)
		}
	}
	if strings.Contains(thing, "Secret") || strings.Contains(thing, "additionalProperties\": false") {
		t.Errorf("too much is said in %s", thing)
	}
}

func TestWhatCanNotBeDescribedIsNamed(t *testing.T) {
	if _, err := Build(Info{}, things(struct{ O own }{}), nil); err == nil || !strings.Contains(err.Error(), "openapi.own: it writes itself") {
		t.Errorf("a type that writes itself: %v", err)
	}
	if _, err := Build(Info{}, append(things(nil), things(nil)...), nil); err == nil || !strings.Contains(err.Error(), "GET /things/{id}: it is there twice") {
		t.Errorf("an operation twice: %v", err)
	}
}

func TestTextsAreReadFromSource(t *testing.T) {
	texts, err := Read("../..", "burnline", things(Parameter{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := texts["burnline/web/openapi.Parameter"]; got.Text != "Parameter is a part of the address." || got.Fields["In"] != "In is path or query." {
		t.Errorf("read %+v", got)
	}
}
