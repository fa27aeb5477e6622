package pdf

import (
	"bytes"
	"regexp"
	"testing"

	"burnline/internal/harness/nasty"
)

// acts is what a PDF does or leads to.
var acts = regexp.MustCompile(`/(JS|JavaScript|OpenAction|AA|Launch|URI|SubmitForm|EmbeddedFile|RichMedia|GoToR)\b`)

var objects = regexp.MustCompile(`(?m)^\d+ 0 obj`)

// A name ends no text of the file: it has no more objects than with a harmless one of that length, and nothing that acts.
func TestNoTextFromOutsideActsInAPDF(t *testing.T) {
	t.Parallel()
	texts := nasty.Texts()
	texts["the end of a text"] = `) Tj ET endstream endobj 9 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>`
	texts["the end of a line and an object"] = "x\nendobj\n7 0 obj\n<</S/URI/URI(https://evil.example)>>"
	for name, text := range texts {
		var hostile, harmless bytes.Buffer
		if err := Write(&hostile, many(t, 2, text)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := Write(&harmless, many(t, 2, "x")); err != nil {
			t.Fatal(err)
		}
		if got, want := acts.FindAll(hostile.Bytes(), -1), acts.FindAll(harmless.Bytes(), -1); len(got) != len(want) {
			t.Errorf("%s: it has %q", name, got)
		}
		pages := len(sheets.FindAll(hostile.Bytes(), -1)) - len(sheets.FindAll(harmless.Bytes(), -1))
		if got, want := len(objects.FindAll(hostile.Bytes(), -1)), len(objects.FindAll(harmless.Bytes(), -1)); got != want+2*pages {
			t.Errorf("%s: it has %d objects, a harmless one %d, and %d pages more", name, got, want, pages)
		}
	}
}
