package spancond

import (
	"regexp"
	"strconv"
	"strings"

	"burnline/internal/yamlconf"
)

// The functions that stand for our words in what OTTL reads.
const (
	functionTook   = "SpanTook"
	functionLength = "LengthOfTime"
)

// word is one token of a condition.
type word struct {
	kind wordKind
	at   int
	text string
}

type wordKind int

const (
	kindName   wordKind = iota // a word of letters, digits, _ and dots, with what stands in brackets left out
	kindNumber                 // 300 or 0.5
	kindLength                 // 300ms
	kindString                 // "…"
	kindSign                   // == ( [ and the like
)

var (
	stringShape = regexp.MustCompile(`^"(\\.|[^\\"])*"`)
	lengthShape = regexp.MustCompile(`^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+\b`)
	numberShape = regexp.MustCompile(`^(0x[0-9a-fA-F]+|\d+(\.\d*)?([eE][-+]?\d+)?)`)
	nameShape   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*`)
	signShape   = regexp.MustCompile(`^(==|!=|>=|<=|=>|&&|\|\|)`)
)

// wordShape is how words of a kind look.
type wordShape struct {
	kind  wordKind
	shape *regexp.Regexp
}

// shapes are tried in this order.
func shapes() []wordShape {
	return []wordShape{
		{kindString, stringShape}, {kindLength, lengthShape}, {kindNumber, numberShape}, {kindName, nameShape}, {kindSign, signShape},
	}
}

// scan cuts a condition into words, leaving out white space. It never fails: what OTTL can't read
// it says itself.
func scan(text string) []word {
	var words []word
next:
	for at := 0; at < len(text); {
		if strings.ContainsRune(" \t\r\n", rune(text[at])) {
			at++
			continue
		}
		for _, s := range shapes() {
			if found := s.shape.FindString(text[at:]); found != "" {
				words = append(words, word{s.kind, at, found})
				at += len(found)
				continue next
			}
		}
		words = append(words, word{kindSign, at, text[at : at+1]})
		at++
	}
	return words
}

// place says where a piece of the rewritten condition comes from.
type place struct{ written, original int }

// rewrite writes our words in OTTL.
func rewrite(text string, words []word) (string, []place) {
	var b strings.Builder
	var places []place
	done := 0
	put := func(w word, instead string) {
		places = append(places, place{b.Len(), done})
		b.WriteString(text[done:w.at])
		places = append(places, place{b.Len(), w.at})
		b.WriteString(instead)
		done = w.at + len(w.text)
	}
	for i, w := range words {
		switch {
		case isDuration(words, i):
			put(w, functionTook+"()")
		case w.kind == kindLength:
			if d, err := yamlconf.ParseDuration(w.text); err == nil {
				put(w, functionLength+"("+strconv.FormatInt(int64(d), 10)+")")
			}
		}
	}
	places = append(places, place{b.Len(), done})
	b.WriteString(text[done:])
	return b.String(), places
}

// isDuration reports whether the word is how long the span took, not a key or a function.
func isDuration(words []word, i int) bool {
	if words[i].kind != kindName || words[i].text != "duration" && words[i].text != "span.duration" {
		return false
	}
	return i+1 == len(words) || words[i+1].text != "(" && words[i+1].text != "["
}

// originally returns where in the condition as people wrote it a place of the rewritten one is.
func originally(places []place, written int) int {
	for i := len(places) - 1; i >= 0; i-- {
		if p := places[i]; p.written <= written {
			at := p.original + written - p.written
			if i+1 < len(places) {
				at = min(at, places[i+1].original)
			}
			return at
		}
	}
	return written
}
