package corrections

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a correction.
type Problem struct {
	// Field is the field's name in files and JSON, such as from or rrule.
	Field string `json:"field"`
	// Message says what is wrong, in plain words.
	Message string `json:"message"`
	// Instead says what to write instead; may be empty.
	Instead string `json:"instead,omitempty"`
}

// String writes the problem in one line: field: message; instead.
func (p Problem) String() string {
	s := p.Field + ": " + p.Message
	if p.Instead != "" {
		s += "; " + p.Instead
	}
	return s
}

// Problems is all that is wrong with a correction. As an error it prints one
// problem a line.
type Problems []Problem

// Error implements error.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps *Problems) add(field, instead, format string, args ...any) {
	*ps = append(*ps, Problem{Field: field, Message: fmt.Sprintf(format, args...), Instead: instead})
}
