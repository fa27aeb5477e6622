package web

import (
	"bytes"

	"burnline/slo"
	"burnline/slo/spec"
)

// definitionText writes a definition in the native form, so that a reader sees what is in
// force whatever its file is written in. The notes name what that form can't say.
func definitionText(d *slo.Definition) (text string, notes []string) {
	var out bytes.Buffer
	findings, err := spec.Write(&out, []slo.Definition{*d})
	if err != nil {
		return "", []string{err.Error()}
	}
	for _, f := range findings {
		notes = append(notes, f.String())
	}
	return out.String(), notes
}
