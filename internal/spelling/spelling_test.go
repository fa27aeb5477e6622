package spelling_test

import (
	"testing"

	"burnline/internal/spelling"
)

func TestNearestSharesMostLetters(t *testing.T) {
	t.Parallel()
	known := []string{"emailconfigs", "port", "nginx", "redis"}
	for name, want := range map[string]string{"smokeconfigs": "", "emialconfigs": "emailconfigs", "prot": "port", "nginxx": "nginx", "redi": "redis", "apache": ""} {
		if got := spelling.Nearest(name, known); got != want {
			t.Errorf("%q is taken for %q, want %q", name, got, want)
		}
	}
}

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
