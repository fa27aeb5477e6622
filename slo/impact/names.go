package impact

import (
	"strings"

	"burnline/slo"
)

// name is a text by its number in names. 0 is "".
type name uint32

// names numbers the texts of one column, so that a kept span takes four bytes for each. It
// never holds more than a bound: when values flood, further ones are all called manyValues
// until those that nothing uses any more were forgotten.
type names struct {
	number map[string]name
	texts  []string
}

// manyValues stands for the values of an attribute that has too many to keep.
const (
	manyValues      = "(too many values)"
	manyName   name = 1
)

func newNames() *names {
	return &names{number: map[string]name{"": 0, manyValues: manyName}, texts: []string{"", manyValues}}
}

// of returns the number of a text, of which there are at most so many.
func (n *names) of(text string, most int) name {
	text = clipped(text)
	if have, ok := n.number[text]; ok {
		return have
	}
	if len(n.texts) >= most {
		return manyName
	}
	text = strings.Clone(text) // the span's buffer is its sender's
	next := name(len(n.texts))
	n.number[text] = next
	n.texts = append(n.texts, text)
	return next
}

// without returns names that hold only what is used, and the new number of each old one.
func (n *names) without(unused func(name) bool) (*names, []name) {
	fresh, moved := newNames(), make([]name, len(n.texts))
	moved[manyName] = manyName
	for i := int(manyName) + 1; i < len(n.texts); i++ {
		if unused(name(i)) {
			continue
		}
		moved[i] = name(len(fresh.texts))
		fresh.number[n.texts[i]] = moved[i]
		fresh.texts = append(fresh.texts, n.texts[i])
	}
	return fresh, moved
}

// dictionaries number the texts of spans: a column for each compared attribute, then the
// operation, then the message.
type dictionaries []*names

func newDictionaries(attributes int) dictionaries {
	d := make(dictionaries, attributes+2)
	for i := range d {
		d[i] = newNames()
	}
	return d
}

// maxNames is how many texts a column holds.
const maxNames = 2000

func (d dictionaries) attributes() int { return len(d) - 2 }

// write writes the texts of a span into a row.
func (d dictionaries) write(row []name, j *slo.JudgedSpan) {
	for i := range d.attributes() {
		row[i] = 0
		if i < len(j.Values) {
			row[i] = d[i].of(j.Values[i], maxNames)
		}
	}
	row[len(d)-2] = d[len(d)-2].of(j.Name, maxNames)
	row[len(d)-1] = d[len(d)-1].of(j.Message, maxNames)
}

func (d dictionaries) operation(row []name) string { return d[len(d)-2].texts[row[len(d)-2]] }
func (d dictionaries) message(row []name) string   { return d[len(d)-1].texts[row[len(d)-1]] }

// crowded reports whether a column has little room for new texts.
func (d dictionaries) crowded() bool {
	for _, n := range d {
		if len(n.texts) >= maxNames*3/4 {
			return true
		}
	}
	return false
}

// tidy forgets the texts that no sample uses.
func (d dictionaries) tidy(all []*sample) {
	columns := len(d)
	for c := range d {
		used := make([]bool, len(d[c].texts))
		for _, s := range all {
			for i := c; i < len(s.values); i += columns {
				used[s.values[i]] = true
			}
		}
		fresh, moved := d[c].without(func(n name) bool { return !used[n] })
		d[c] = fresh
		for _, s := range all {
			for i := c; i < len(s.values); i += columns {
				s.values[i] = moved[s.values[i]]
			}
		}
	}
}
