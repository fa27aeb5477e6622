package spelling_test

import (
	"testing"

	"burnline/internal/spelling"
)

func TestDistanceCountsTheLettersToChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"checkout", "checkout", 0},
		{"chekout", "checkout", 1}, {"chackout", "checkout", 1}, {"checkoutt", "checkout", 1}, {"kitten", "sitting", 3},
	} {
		if got := spelling.Distance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q are %d apart, want %d", c.a, c.b, got, c.want)
		}
	}
}
