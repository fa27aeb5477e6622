package spancond_test

import (
	"errors"
	"testing"
	"time"

	"burnline/internal/spancond"
	"burnline/internal/yamlconf"
)

// FuzzParse requires that no text breaks the reading of conditions, that whoever wrote it is told what is wrong
// with it, and that what is taken can be asked of any span.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`kind == SPAN_KIND_SERVER`, `status.code == STATUS_CODE_ERROR or duration > 300ms`, `not (duration < 1m30s) and name != "x"`,
		`IsMatch(attributes["http.route"], "^/api") and resource.attributes["a"][0] == nil`, `end_time - start_time > Duration("1s")`,
		`duration > 300`, `((((`, `"`, `300ms300ms`, `ParseJSON(name)["a"] == 0x00`, `span.duration > 9999999999999w`, `attributes["a"] + 1 * 2.5 > 3`,
	} {
		f.Add(text)
	}
	probe := span(time.Second, failed)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := spancond.Parse(text)
		var wrong *yamlconf.Wrong
		switch {
		case err == nil:
			_, _ = c.Holds(probe)
		case !errors.As(err, &wrong) || wrong.Message == "" || wrong.Instead == "":
			t.Errorf("%q is refused with %v", text, err)
		}
	})
}
