package slo

import "strings"

// Level says how bad a finding is.
type Level string

// An error keeps a file from being loaded; a warning does not, and a note is
// nothing to mend, only good to know.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNote    Level = "note"
)

// Finding is one thing that is wrong with a file: what, where, and what to
// write instead.
type Finding struct {
	Source
	// Column is the column in the line, from 1; 0 when unknown.
	Column int `json:"column"`
	// Path is the field, such as spec.sli.events.bad; may be empty.
	Path    string `json:"path"`
	Level   Level  `json:"level"`
	Message string `json:"message"`
	// Instead says what to write instead; may be empty.
	Instead string `json:"instead"`
}

// String writes the finding in one line: file:line: field: message; instead. What is not known is left out.
func (f Finding) String() string {
	var parts []string
	for _, part := range []string{f.Source.String(), f.Path} {
		if part != "" { // a default, or a flag, stands in no file
			parts = append(parts, part)
		}
	}
	if f.Level == LevelWarning || f.Level == LevelNote {
		parts = append(parts, string(f.Level))
	}
	text := strings.Join(append(parts, f.Message), ": ")
	if f.Instead != "" {
		text += "; " + f.Instead
	}
	return text
}

// Findings is all that is wrong, in order of file and line. As an error it
// prints one finding a line.
type Findings []Finding

// Error implements error.
func (fs Findings) Error() string {
	s := ""
	for i, f := range fs {
		if i > 0 {
			s += "\n"
		}
		s += f.String()
	}
	return s
}

// Errors returns the findings that keep a file from being loaded.
func (fs Findings) Errors() Findings {
	var errs Findings
	for _, f := range fs {
		if f.Level != LevelWarning && f.Level != LevelNote {
			errs = append(errs, f)
		}
	}
	return errs
}
