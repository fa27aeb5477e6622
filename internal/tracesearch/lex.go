package tracesearch

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says what is wrong with a query, where, and what to write instead.
type SyntaxError struct {
	// At is the number of the character, from 1.
	At               int
	Message, Instead string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at character %d: %s; %s", e.At, e.Message, e.Instead)
}

type kind int

const (
	kindEnd kind = iota
	kindSign
	kindWord // a field, a keyword or a number
	kindText
)

type token struct {
	kind kind
	text string // a text without its quotes
	at   int
}

// String names a token in a message.
func (t token) String() string {
	if t.kind == kindEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

// lex splits a query into tokens.
func lex(query string) ([]token, error) {
	var all []token
	rest, at := query, 1
	take := func(k kind, n int, text string) {
		all = append(all, token{k, text, at})
		at += utf8.RuneCountInString(rest[:n])
		rest = rest[n:]
	}
	for {
		space := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
		at += utf8.RuneCountInString(rest[:space])
		rest = rest[space:]
		if rest == "" {
			return append(all, token{kindEnd, "", at}), nil
		}
		if n := signLen(rest); n > 0 {
			take(kindSign, n, rest[:n])
			continue
		}
		if strings.ContainsRune("\"'`", rune(rest[0])) {
			text, n, ok := quoted(rest)
			if !ok {
				return nil, &SyntaxError{at, "the text does not end", "close it with " + rest[:1]}
			}
			take(kindText, n, text)
			continue
		}
		text, n, ok := word(rest)
		if !ok {
			return nil, &SyntaxError{at, fmt.Sprintf("%q can't stand here", firstRune(rest)), `write a query such as { resource.service.name = "shop" }`}
		}
		take(kindWord, n, text)
	}
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

func signLen(s string) int {
	for _, sign := range []string{"&&", "||", "!=", "!~", "=~", "<=", ">=", ">>", "<<", "=", "<", ">", "!", "{", "}", "(", ")", "|", "&", "~", ","} {
		if strings.HasPrefix(s, sign) {
			return len(sign)
		}
	}
	return 0
}

// quoted reads a text in quotes; n is how long it is with them. In backquotes nothing is
// escaped.
func quoted(s string) (text string, n int, ok bool) {
	quote := s[0]
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return out.String(), i + 1, true
		case c == '\\' && quote != '`' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			case 'r':
				out.WriteByte('\r')
			case '\\', '"', '\'':
				out.WriteByte(s[i])
			case 'x', 'u', 'U', 'a', 'f', 'v': // as Go writes what can't be printed, and dashboards a dollar sign
				i += char(s[i-1:], quote, &out) - 2
			default: // as in the regular expression "\d", the backslash stays
				out.WriteByte('\\')
				out.WriteByte(s[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return "", 0, false
}

// char writes the one sign that a backslash begins, and returns how long it was written; where it is none, the
// backslash stays with what follows it.
func char(s string, quote byte, out *strings.Builder) int {
	r, multibyte, rest, err := strconv.UnquoteChar(s, quote)
	switch {
	case err != nil:
		out.WriteString(s[:2])
		return 2
	case multibyte:
		out.WriteRune(r)
	default:
		out.WriteByte(byte(r))
	}
	return len(s) - len(rest)
}

// word reads a field, a keyword or a number. Parts of a field may be quoted, as in
// span."my attribute".
func word(s string) (text string, n int, ok bool) {
	var out strings.Builder
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case r == '"' && strings.HasSuffix(out.String(), "."):
			part, length, closed := quoted(s[n:])
			if !closed {
				return "", 0, false
			}
			out.WriteString(part)
			n += length
			continue
		case unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("{}()=~!<>&|,\"'`", r):
			return out.String(), n, n > 0
		}
		out.WriteString(s[n : n+size])
		n += size
	}
	return out.String(), n, n > 0
}
