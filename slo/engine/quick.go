package engine

import (
	"time"

	"burnline/slo"
)

// A new SLO is judged as soon as the history that its pages need was read, hours
// instead of a month. The rest follows, when every SLO has come so far: until then only
// policies fire whose windows are known, and nothing closes.

// quickens reports whether only the newest history is to be read now. The caller
// holds mu.
func (t *tracked) quickens(now int64) bool {
	return !t.filled && t.resumed == nil && t.quickFrom(now) > t.acc.keep.begin(now)+hour
}

// quickFrom returns from when on the history is needed by the policies that page, or
// by all policies where none does.
func (t *tracked) quickFrom(now int64) int64 {
	var pages, all time.Duration
	for _, p := range t.def.Policies {
		all = max(all, p.Long)
		if p.Severity == slo.Page {
			pages = max(pages, p.Long)
		}
	}
	if pages == 0 {
		pages = all
	}
	if pages == 0 {
		return t.acc.keep.begin(now)
	}
	return t.acc.keep.edge(now-pages.Milliseconds()) - hour
}

// coverFrom notes that nothing is known before a moment, whatever the start times of
// series say.
func (a *accumulator) coverFrom(from int64) {
	for _, g := range a.groups {
		if g != nil && g.covered != uncovered {
			g.covered = max(g.covered, from)
		}
	}
}
