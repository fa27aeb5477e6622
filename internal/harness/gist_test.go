package harness

import (
	"strings"
	"testing"
)

func TestTheGistOfAnOutputIsWhatWentWrongAndItsEnd(t *testing.T) {
	t.Parallel()
	fine := strings.Repeat("time=1 level=INFO msg=fine\n", 1000)
	got := gist("Burnline is ready.\n" + fine + "time=2 level=WARN msg=slow\nts=3 level=info err=none\n" + fine + "panic: oh\n\ngoroutine 1\ntime=4 level=ERROR msg=gone\n" + fine)
	for _, want := range []string{"Burnline is ready.\n", "level=WARN msg=slow\npanic: oh\n\ngoroutine 1\n", "level=ERROR msg=gone\ntime=1 level=INFO", "(and 2971 lines before"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is left out of:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "level=INFO"); n != 30 {
		t.Errorf("%d lines of the end are told, want 30", n)
	}
	if got := gist("one\nlevel=INFO two\n"); got != "one\nlevel=INFO two" {
		t.Errorf("a short output is told as %q", got)
	}
}
