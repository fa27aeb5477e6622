package render_test

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting/render"
)

// FuzzTemplate feeds any template: it renders within its bounds, or says in one line why not.
func FuzzTemplate(f *testing.F) {
	r, findings := render.Load(render.Options{Timeout: 100 * time.Millisecond, MaxBytes: 10_000})
	if len(findings) > 0 {
		f.Fatal(findings)
	}
	for _, text := range []string{`{{ .Status | toUpper }}`, `{{ range 1000000000 }}{{ end }}`, `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
		`{{ template "email.default.html" . }}`, `{{ reReplaceAll "(" "" .Status }}`, `{{ index .Alerts 7 }}`, `{{ .Alerts | toJson }}`, "{{ $x := print .Alerts }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, render := range []render.Func{r.Text, r.HTML} {
			got, err := render(text, row())
			if len(got) > 10_000 {
				t.Errorf("%d bytes", len(got))
			}
			if err != nil && (got != "" || strings.ContainsAny(err.Error(), "\n\r")) {
				t.Errorf("%q, %q", got, err)
			}
		}
	})
}
