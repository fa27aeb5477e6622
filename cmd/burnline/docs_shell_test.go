package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asked finds what is asked of the own API.
var asked = regexp.MustCompile(`https?://[a-z0-9.:-]+(/api/v1/[^\s'"?)\\]*|/-/[a-z]+)`)

// answers reports whether the API's description has the path.
func answers(t *testing.T, path string) bool {
	t.Helper()
	data, err := os.ReadFile("../../web/testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var described struct {
		Paths map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(data, &described); err != nil {
		t.Fatal(err)
	}
	for pattern := range described.Paths {
		// An SLO's ID, {id}, is service/name.
		part := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(pattern), ".+")
		if regexp.MustCompile("^" + part + "$").MatchString(strings.TrimSuffix(path, "/")) {
			return true
		}
	}
	return false
}

// calls returns the arguments of each call of burnline in a block of shell or of a terminal.
func calls(s snippet) [][]string {
	var all [][]string
	for _, command := range shell(s) {
		for len(command) > 0 && (assignment.MatchString(command[0]) || command[0] == "sudo" || command[0] == "runuser") {
			command = command[1:]
			for len(command) > 1 && strings.HasPrefix(command[0], "-") && command[0] != "--" { // -u NAME
				command = command[2:]
			}
			if len(command) > 1 && command[0] == "--" {
				command = command[1:]
			}
		}
		if len(command) > 0 && filepath.Base(command[0]) == "burnline" && !strings.Contains(command[0], "://") {
			all = append(all, command[1:])
		}
	}
	return all
}

var assignment = regexp.MustCompile(`^[A-Z_]+=`)

// shell splits a block into simple commands, as far as documents need it: quotes, comments, lines
// that go on, pipes, and redirections, which are left out.
func shell(s snippet) [][]string {
	text := s.text
	if s.language == "console" { // what follows "$ " is typed, the rest is answered
		var typed []string
		for line := range strings.Lines(text) {
			if after, is := strings.CutPrefix(line, "$ "); is {
				typed = append(typed, after)
			}
		}
		text = strings.Join(typed, "")
	}
	var commands [][]string
	var words []string
	word, begun, quote, to := "", false, rune(0), false
	end := func() {
		if begun && !to {
			words = append(words, word)
		}
		if begun {
			to = false
		}
		word, begun = "", false
	}
	next := func() {
		end()
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words, to = nil, false
	}
	comment, escaped := false, false
	for _, r := range text {
		switch {
		case comment:
			if comment = r != '\n'; !comment {
				next()
			}
		case escaped:
			if escaped = false; r != '\n' {
				word, begun = word+string(r), true
			}
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word += string(r)
			}
		case r == '\\':
			escaped = true
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == '#' && !begun:
			comment = true
		case r == '\n' || r == '|' || r == '&' || r == ';':
			next()
		case r == '>' || r == '<':
			if word == "2" {
				word, begun = "", false
			}
			end()
			to = true
		case r == ' ' || r == '\t':
			end()
		default:
			word, begun = word+string(r), true
		}
	}
	next()
	return commands
}
