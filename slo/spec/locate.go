package spec

import (
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Locate points findings at definitions, which know where their document begins, to
// the lines of the fields that they are about. It reads the files again;
// what can't be found keeps the place that it has.
func Locate(findings slo.Findings) slo.Findings {
	files := map[string]map[int]*yamlconf.Document{}
	located := make(slo.Findings, len(findings))
	for i, f := range findings {
		located[i] = f
		if f.Path == "" || f.Column > 0 {
			continue
		}
		docs, read := files[f.File]
		if !read {
			docs = byLine(f.File)
			files[f.File] = docs
		}
		if doc := docs[f.Line]; doc != nil {
			at := doc.Finding(f.Path, "", "")
			located[i].Line, located[i].Column = at.Line, at.Column
		}
	}
	return located
}

// byLine returns a file's documents by the line on which each begins.
func byLine(file string) map[int]*yamlconf.Document {
	data, err := readLimited(file)
	if err != nil {
		return nil
	}
	docs, _ := yamlconf.Parse(data, yamlconf.Options{File: file})
	all := map[int]*yamlconf.Document{}
	for _, doc := range docs {
		all[doc.Line()] = doc
	}
	return all
}
