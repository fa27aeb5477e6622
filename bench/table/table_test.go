package table

import (
	"strings"
	"testing"
)

func TestTableIsMarkdownWithAlignedColumns(t *testing.T) {
	tab := Table{Title: "Start", Header: []string{"what", "seconds"}}
	tab.Row("burnline", 0.25)
	tab.Row("a|b")
	tab.Note("floor %.2f s", 51.84)
	var b strings.Builder
	if err := tab.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `## Start

| what     | seconds |
|----------|---------|
| burnline | 0.25    |
| a\|b     |         |

- floor 51.84 s
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
