package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
)

// Labels and annotations are stored as JSON. In a storm most of the time goes into that, so text
// that needs no escapes, which nearly all is, is written and read without encoding/json, byte for
// byte the same.

// encodeLabels writes a set of labels as it is stored: names and values in turns.
func encodeLabels(ls slo.Labels) (string, error) {
	size := 2
	for _, l := range ls {
		if !isPlain(l.Name) || !isPlain(l.Value) {
			return encodeJSON(flat(ls))
		}
		size += len(l.Name) + len(l.Value) + len(`"","",`)
	}
	b := append(make([]byte, 0, size), '[')
	for i, l := range ls {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(append(appendQuoted(b, l.Name), ','), l.Value)
	}
	return string(append(b, ']')), nil
}

// flat are names and values in turns.
func flat(ls slo.Labels) []string {
	all := make([]string, 0, 2*len(ls))
	for _, l := range ls {
		all = append(all, l.Name, l.Value)
	}
	return all
}

// encodeNotes writes annotations, in order of their names.
func encodeNotes(notes map[string]string) (string, error) {
	if notes == nil {
		return "null", nil
	}
	for name, text := range notes {
		if !isPlain(name) || !isPlain(text) {
			return encodeJSON(notes)
		}
	}
	b := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(notes)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(append(appendQuoted(b, name), ':'), notes[name])
	}
	return string(append(b, '}')), nil
}

// encodeJSON writes labels or annotations. What is no UTF-8 is replaced, and a NUL is
// escaped, so that every database takes it.
func encodeJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write labels as JSON: %w", err)
	}
	return string(b), nil
}

func appendQuoted(b []byte, text string) []byte {
	return append(append(append(b, '"'), text...), '"')
}

// isPlain reports whether a text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// labelText is a stored set of labels.
type labelText slo.Labels

// Scan implements sql.Scanner.
func (l *labelText) Scan(from any) error {
	text, err := textOf(from)
	if err != nil {
		return err
	}
	flat, simple := simpleStrings(text, '[', ']', ",")
	if !simple {
		flat = nil
		if err := json.Unmarshal([]byte(text), &flat); err != nil {
			return err
		}
	}
	ls := make(slo.Labels, 0, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		ls = append(ls, slo.Label{Name: flat[i], Value: flat[i+1]})
	}
	*l = labelText(ls)
	return nil
}

// noteText are stored annotations.
type noteText map[string]string

// Scan implements sql.Scanner.
func (n *noteText) Scan(from any) error {
	text, err := textOf(from)
	if err != nil {
		return err
	}
	flat, simple := simpleStrings(text, '{', '}', ":,")
	if !simple || len(flat)%2 != 0 {
		return json.Unmarshal([]byte(text), (*map[string]string)(n))
	}
	*n = make(noteText, len(flat)/2)
	for i := 0; i < len(flat); i += 2 {
		(*n)[flat[i]] = flat[i+1]
	}
	return nil
}

// simpleStrings reads strings without escapes that stand between two brackets, with separators in turns
// between them, and no space; false where the text is anything else.
func simpleStrings(text string, opens, closes byte, separators string) (all []string, simple bool) {
	if len(text) < 2 || text[0] != opens || text[len(text)-1] != closes || strings.IndexByte(text, '\\') >= 0 {
		return nil, false
	}
	rest := text[1 : len(text)-1]
	if rest == "" {
		return nil, true
	}
	all = make([]string, 0, strings.Count(rest, `"`)/2)
	for {
		if rest == "" || rest[0] != '"' {
			return nil, false
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return nil, false
		}
		all, rest = append(all, rest[1:1+end]), rest[2+end:]
		if rest == "" {
			return all, true
		}
		if rest[0] != separators[(len(all)-1)%len(separators)] {
			return nil, false
		}
		rest = rest[1:]
	}
}

// textOf is what a driver gives for a column of text.
func textOf(from any) (string, error) {
	switch text := from.(type) {
	case string:
		return text, nil
	case []byte:
		return string(text), nil
	}
	return "", errors.New("it is no text")
}
