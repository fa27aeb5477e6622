package impact

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"burnline/slo"
)

// shownExamples is how many examples are shown.
const shownExamples = 3

// candidate is a failed span that may become an example.
type candidate struct {
	keptSpan
	row       []name
	explained bool
}

// examples returns failing traces that are kept, of what explains most first, then the
// newest. All that are sampled are asked for until enough are found: traces are kept some
// seconds after they failed, and of many only some, so the newest failures of a busy service
// are never kept yet.
func (t *Tracker) examples(ctx context.Context, v *view, where *slo.Where) []slo.Example {
	if t.o.Traces == nil {
		return nil
	}
	var found []slo.Example
	seen := map[[16]byte]bool{}
	for _, c := range v.candidates(t.o.Compare, where) {
		if len(found) == shownExamples || ctx.Err() != nil {
			break
		}
		if c.trace == ([16]byte{}) || seen[c.trace] {
			continue
		}
		seen[c.trace] = true
		what, kept := t.o.Traces.Failure(ctx, c.trace)
		if !kept {
			continue
		}
		found = append(found, slo.Example{
			Trace: hex.EncodeToString(c.trace[:]), Span: hex.EncodeToString(c.span[:]),
			At: time.Unix(0, c.end).UTC(), Duration: time.Duration(c.duration), Explained: c.explained,
			What: cmp.Or(what, v.words.message(c.row), v.words.operation(c.row)),
		})
	}
	return found
}

// candidates are the failed spans, best first.
func (v *view) candidates(attributes []string, where *slo.Where) []candidate {
	var labels slo.Labels
	if where != nil && len(where.Explanations) > 0 {
		labels = where.Explanations[0].Labels
	}
	var all []candidate
	for _, some := range v.bad {
		for i := range some.spans {
			row := some.row(i, v.columns)
			all = append(all, candidate{some.spans[i], row, v.inside(row, attributes, labels)})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if a.explained != b.explained {
			if a.explained {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.end, a.end), slices.Compare(a.trace[:], b.trace[:]))
	})
	return all
}

// inside reports whether a span has all values of an explanation.
func (v *view) inside(row []name, attributes []string, labels slo.Labels) bool {
	for _, l := range labels {
		at := slices.Index(attributes, l.Name)
		if at < 0 || v.words[at].texts[row[at]] != l.Value {
			return false
		}
	}
	return len(labels) > 0
}
