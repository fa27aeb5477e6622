// Package foreign is what reading the SLO files of other tools has in common: gathering
// what is wrong or lost, and carrying names, labels, annotations and policies over.
package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Report gathers what is wrong with one document, and what of it can't be carried over.
type Report struct {
	Doc      *yamlconf.Document
	Findings slo.Findings
}

// Wrong adds an error, unless one stands at the path already.
func (r *Report) Wrong(path, message, instead string) {
	if !r.Failed(path) {
		r.Findings = append(r.Findings, r.Doc.Finding(path, message, instead))
	}
}

// Warn adds a warning.
func (r *Report) Warn(path, message, instead string) {
	r.Findings = append(r.Findings, r.Doc.Warning(path, message, instead))
}

// Note adds what is nothing to mend, only good to know.
func (r *Report) Note(path, message, instead string) {
	r.Findings = append(r.Findings, r.note(path, message, instead))
}

func (r *Report) note(path, message, instead string) slo.Finding {
	f := r.Doc.Finding(path, message, instead)
	f.Level = slo.LevelNote
	return f
}

// Unneeded adds a note about a key that has no use here; it is given once for a load.
func (r *Report) Unneeded(to *Unneeded, path, message, instead string) {
	to.add(r.note(path, message, instead))
}

// Refused adds an error that may be a *yamlconf.Wrong.
func (r *Report) Refused(path string, err error) {
	message, instead := Words(err)
	r.Wrong(path, message, instead)
}

// Words takes an error apart: what is wrong, and what to write instead.
func Words(err error) (message, instead string) {
	var wrong *yamlconf.Wrong
	if errors.As(err, &wrong) {
		return wrong.Message, wrong.Instead
	}
	return err.Error(), ""
}

// Failed reports whether an error stands at the path or within it; "" is the whole document.
func (r *Report) Failed(path string) bool {
	return slices.ContainsFunc(r.Findings, func(f slo.Finding) bool {
		return f.Level == slo.LevelError && (path == "" || f.Path == path ||
			strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"["))
	})
}

// Source returns where the path stands.
func (r *Report) Source(path string) slo.Source { return r.Doc.Finding(path, "", "").Source }

// Unneeded gathers keys that have no use in Burnline and that many files have. Each is
// reported once, where it is found first, so that it does not hide what matters.
type Unneeded struct {
	first slo.Findings
	more  map[string]int
}

// add takes one occurrence; the same message is the same finding.
func (u *Unneeded) add(f slo.Finding) {
	if slices.ContainsFunc(u.first, func(g slo.Finding) bool { return g.Message == f.Message }) {
		if u.more == nil {
			u.more = map[string]int{}
		}
		u.more[f.Message]++
		return
	}
	u.first = append(u.first, f)
}

// Findings returns one note for each message, with how often it holds.
func (u *Unneeded) Findings() slo.Findings {
	for i, f := range u.first {
		if n := u.more[f.Message]; n > 0 {
			u.first[i].Message = fmt.Sprintf("%s (so in %d places)", f.Message, n+1)
		}
	}
	return u.first
}
