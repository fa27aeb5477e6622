package foreign

import (
	"bytes"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// Encode writes documents as YAML, nothing where there are none. name is what a document is called in an error, which is
// that of the writer.
func Encode[T any](w io.Writer, docs []T, name func(T) string) error {
	if len(docs) == 0 {
		return nil
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	for _, doc := range docs {
		if err := encoder.Encode(doc); err != nil {
			return fmt.Errorf("write %s: %w", name(doc), err)
		}
	}
	return encoder.Close()
}

// Concatenate writes the texts of groups of definitions as YAML documents of one file. A group without a text is
// left out. It returns what was lost, and the writer's error.
func Concatenate[T any](w io.Writer, groups []T, text func(T) ([]byte, slo.Findings)) (slo.Findings, error) {
	var findings slo.Findings
	var all bytes.Buffer
	for _, group := range groups {
		out, lost := text(group)
		findings = append(findings, lost...)
		if len(out) > 0 && all.Len() > 0 {
			all.WriteString("---\n")
		}
		all.Write(out)
	}
	_, err := w.Write(all.Bytes())
	return findings, err
}
