package spancond

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"burnline/internal/yamlconf"
)

// wrongAt is something wrong at a place of the condition, which people count from 1.
func wrongAt(at int, instead, format string, args ...any) *yamlconf.Wrong {
	return &yamlconf.Wrong{Message: fmt.Sprintf("at character %d: ", at+1) + fmt.Sprintf(format, args...), Instead: instead}
}

// misread finds what people write who know other languages, where OTTL's own words would help
// nobody or where it would take what can never hold.
func misread(text string, words []word) *yamlconf.Wrong {
	depth := 0
	for i, w := range words {
		switch w.text {
		case "(", "[", "{":
			if depth++; depth > maxDepth {
				return wrongAt(w.at, "write it flatter", "brackets nest deeper than %d", maxDepth)
			}
		case ")", "]", "}":
			depth--
		}
		if wrong := sign(w, words, i); wrong != nil {
			return wrong
		}
		if wrong := compared(words, i); wrong != nil {
			return wrong
		}
	}
	return nil
}

// sign finds operators of other languages.
func sign(w word, words []word, i int) *yamlconf.Wrong {
	other := map[string]string{"&&": "and", "||": "or", "!": "not", "=": "==", "AND": "and", "OR": "or", "NOT": "not", "null": "nil", "None": "nil"}
	switch instead, known := other[w.text]; {
	case known && (w.kind == kindSign || w.kind == kindName):
		return wrongAt(w.at, "write "+instead, "%s is not known in conditions", w.text)
	case w.kind == kindSign && w.text == "'":
		return wrongAt(w.at, `write "…"`, "texts stand in double quotes")
	case w.kind == kindName && w.text == "status" && (i+1 == len(words) || words[i+1].text != "."):
		return wrongAt(w.at, "write status.code == STATUS_CODE_ERROR", "a status has a code and a message")
	}
	return nil
}

// comparisons are the signs that compare.
func comparison(w word) bool {
	return w.kind == kindSign && slices.Contains([]string{"==", "!=", "<", ">", "<=", ">="}, w.text)
}

// compared finds comparisons of what differs in kind, which never hold.
func compared(words []word, i int) *yamlconf.Wrong {
	if !comparison(words[i]) || i == 0 || i+1 == len(words) {
		return nil
	}
	left, right := words[i-1], words[i+1]
	if wrong := pair(words, i-1, right); wrong != nil {
		return wrong
	}
	if left.kind == kindName && i+2 < len(words) && words[i+2].text == "[" {
		return nil // the right side goes on
	}
	return pair(words, i+1, left)
}

// pair checks a name against what it is compared with.
func pair(words []word, i int, with word) *yamlconf.Wrong {
	name := words[i]
	switch {
	case isDuration(words, i) && with.kind == kindNumber:
		return wrongAt(with.at, fmt.Sprintf("write %sms, or whatever unit is meant", with.text), "a duration needs a unit")
	case isDuration(words, i) && with.kind == kindString:
		return wrongAt(with.at, "write 300ms, without quotes", "a duration is no text")
	case name.text == "]" && with.kind == kindLength:
		return wrongAt(with.at, "write the number in the attribute's own unit", "attributes hold numbers and texts, no lengths of time")
	case name.kind != kindName:
		return nil
	case name.text == "status.code":
		return constant(with, "STATUS_CODE_", []string{"ERROR", "OK", "UNSET"})
	case name.text == "kind":
		return constant(with, "SPAN_KIND_", []string{"SERVER", "CLIENT", "PRODUCER", "CONSUMER", "INTERNAL", "UNSPECIFIED"})
	}
	return nil
}

// constant checks what a field is compared with that has few values.
func constant(with word, prefix string, values []string) *yamlconf.Wrong {
	if with.kind != kindName && with.kind != kindString || strings.HasPrefix(with.text, prefix) {
		return nil
	}
	bare := strings.ToUpper(strings.Trim(with.text, `"`))
	bare = strings.TrimPrefix(bare, prefix)
	if slices.Contains(values, bare) {
		return wrongAt(with.at, "write "+prefix+bare, "%s is not one of its values", with.text)
	}
	if with.kind == kindString {
		return wrongAt(with.at, "write one of "+prefix+strings.Join(values, ", "+prefix), "%s is not one of its values", with.text)
	}
	return nil
}

// position matches where in a line OTTL's parser stopped.
var position = regexp.MustCompile(`(?s)\b1:(\d+): (.*)$`)

// path matches a path that OTTL doesn't know.
var unknownPath = regexp.MustCompile(`segment "([^"]*)" from path "([^"]*)" is not a valid path`)

// enum matches a constant that OTTL doesn't know.
var unknownEnum = regexp.MustCompile(`enum symbol, (\w+), not found`)

// explain turns an error of OTTL's into ours.
func explain(text string, places []place, err error) error {
	message := strings.Join(strings.Fields(err.Error()), " ")
	if m := unknownPath.FindStringSubmatch(message); m != nil {
		return wrongAt(max(0, strings.Index(text, m[2])), fmt.Sprintf(`write attributes["%s"], or resource.attributes["…"] for what describes the service`, m[2]),
			"spans have no field %s", m[2])
	}
	if m := unknownEnum.FindStringSubmatch(message); m != nil {
		return wrongAt(max(0, strings.Index(text, m[1])), "write one such as SPAN_KIND_SERVER or STATUS_CODE_ERROR", "the constant %s is not known", m[1])
	}
	message = strings.NewReplacer(functionTook+"()", "duration", functionTook, "duration").Replace(message)
	if m := position.FindStringSubmatch(message); m != nil {
		column, convErr := strconv.Atoi(m[1])
		if convErr == nil {
			return wrongAt(originally(places, column-1), `write a comparison, such as kind == SPAN_KIND_SERVER, joined by and, or, not`, "this is no condition: %s", m[2])
		}
	}
	var wrong *yamlconf.Wrong
	if errors.As(err, &wrong) {
		return wrong
	}
	return &yamlconf.Wrong{Message: "this is no condition: " + message, Instead: "write a comparison, such as status.code == STATUS_CODE_ERROR or duration > 300ms"}
}
