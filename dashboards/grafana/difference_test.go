package grafana

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatDiffersBehindALongBeginningIsShown(t *testing.T) {
	t.Parallel()
	long := "sum(rate(" + strings.Repeat("x", 300)
	board := func(expr string) map[string]any { return map[string]any{"description": expr, "id": 7.0} }
	got := difference(board(long+"[5m]))"), board(long+"[10m]))"))
	if len(got) != 1 || !strings.Contains(got[0], "[5m]))\" → …") || !strings.HasSuffix(got[0], "[10m]))\"") || len([]rune(got[0])) > 3*longest {
		t.Errorf("the difference is told as %q", got)
	}
	got = difference(board("a "+long), board("b "+long))
	if len(got) != 1 || !strings.HasPrefix(got[0], `~ description: "a sum`) || !strings.HasSuffix(got[0], "…") {
		t.Errorf("the difference is told as %q", got)
	}
	if same := difference(board(long), board(long)); !slices.Equal(same, nil) {
		t.Errorf("nothing differs, and it says %q", same)
	}
}
