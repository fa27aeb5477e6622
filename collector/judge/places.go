package judge

// longest bounds the names that a places table sorts by length.
const longest = 64

// places finds the place of a name in a short list. Nearly all names that are looked up are not
// in it, and their length alone says so: a span has a dozen attributes, each of which is looked
// up for every span, and hashing all of them took a thirtieth of the whole pipeline.
type places struct {
	byLength [longest][]placed
	// others are those that are longer.
	others []placed
}

// placed is a name with its place in the list.
type placed struct {
	name string
	at   int
}

func newPlaces(names []string) *places {
	p := &places{}
	for i, name := range names {
		of := p.of(len(name))
		*of = append(*of, placed{name, i})
	}
	return p
}

// of are the names of a length, among the longest those of other lengths too.
func (p *places) of(length int) *[]placed {
	if length < longest {
		return &p.byLength[length]
	}
	return &p.others
}

// find returns the place of a name, and whether it has one.
func (p *places) find(name string) (int, bool) {
	for _, one := range *p.of(len(name)) {
		if one.name == name {
			return one.at, true
		}
	}
	return 0, false
}
