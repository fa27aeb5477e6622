package slo

import (
	"fmt"
	"strings"
	"unicode"
)

// MaxText bounds a text that people write, such as a reason, in bytes.
const MaxText = 1000

// Problem is one thing that is wrong with what somebody entered.
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

// Problems is all that is wrong with what somebody entered. As an error it prints one
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

// Add notes one more problem; format and args are its message.
func (ps *Problems) Add(field, instead, format string, args ...any) {
	*ps = append(*ps, Problem{Field: field, Message: fmt.Sprintf(format, args...), Instead: instead})
}

// Text checks what somebody wrote: it is there, short enough, and can be printed. Instead
// says what to write where it is missing.
func (ps *Problems) Text(field, instead, text string) { ps.LongText(field, instead, text, MaxText) }

// LongText is Text for what may have as many bytes as most.
func (ps *Problems) LongText(field, instead, text string, most int) {
	switch {
	case strings.TrimSpace(text) == "":
		ps.Add(field, instead, "it is missing")
	case len(text) > most:
		ps.Add(field, "shorten it", "%d bytes are more than %d", len(text), most)
	case strings.ContainsFunc(text, hidden):
		ps.Add(field, "write plain text", "it holds what can't be printed")
	}
}

// hidden reports signs that change how a terminal or a page shows the text around them, and
// NUL, which PostgreSQL does not keep.
func hidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || unicode.Is(unicode.Bidi_Control, r)
}
