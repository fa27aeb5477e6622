package judge

import (
	"strings"
	"testing"
)

func TestANameIsFoundAtItsPlaceWhateverItsLength(t *testing.T) {
	long := strings.Repeat("x", longest)
	names := []string{"cloud.region", "http.route", "", long, long + "y"}
	p := newPlaces(names)
	for i, name := range names {
		if at, ok := p.find(name); !ok || at != i {
			t.Errorf("%q is found at %d, %t", name, at, ok)
		}
	}
	for _, name := range []string{"cloud.regiom", "x", long[1:] + "z", strings.Repeat("z", 1000)} {
		if at, ok := p.find(name); ok {
			t.Errorf("%q, which is not in the list, is found at %d", name, at)
		}
	}
}
