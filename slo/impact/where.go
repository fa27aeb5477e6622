package impact

import (
	"slices"

	"burnline/slo"
	"burnline/slo/explain"
)

// searched is how many kept spans of one outcome are compared at most, and searchedUrgently
// while a page waits: it bounds the time that a search takes.
const (
	searched         = 10_000
	searchedUrgently = 1_000
)

// view is what was copied of an SLO for a search.
type view struct {
	words   dictionaries
	columns int
	// bad and good are spans of the incident, before those of the time before it.
	bad, good, before []viewed
}

// viewed are some kept spans that stand for weight spans each.
type viewed struct {
	sample
	weight float64
}

// look copies what is kept of an incident's groups, at most so many spans of an outcome. The caller holds mu.
func (w *watched) look(in *incident, most int) view {
	v := view{columns: len(w.words), words: make(dictionaries, len(w.words))}
	var bad, good, before []*sample
	for key := range in.groups {
		g := w.groups[key]
		if g == nil {
			continue
		}
		g.since(in.from, func(p *piece, after bool) {
			if after {
				bad, good = append(bad, &p.bad), append(good, &p.good)
			} else {
				before = append(before, &p.bad, &p.good)
			}
		})
	}
	v.bad, v.good, v.before = copied(bad, v.columns, most), copied(good, v.columns, most), copied(before, v.columns, most)
	for i := range v.words { // texts are only ever added, or replaced as a whole
		v.words[i] = &names{texts: w.words[i].texts}
	}
	return v
}

// copied copies samples; of more than most spans each stride-th.
func copied(all []*sample, columns, most int) []viewed {
	spans := 0
	for _, s := range all {
		spans += len(s.spans)
	}
	stride := 1 + (spans-1)/most
	some := make([]viewed, 0, len(all))
	for _, s := range all {
		if len(s.spans) == 0 {
			continue
		}
		v := viewed{sample: sample{failed: s.failed, seen: s.seen}}
		if stride == 1 {
			v.spans, v.values = slices.Clone(s.spans), slices.Clone(s.values)
		} else {
			for i := 0; i < len(s.spans); i += stride {
				v.spans = append(v.spans, s.spans[i])
				v.values = append(v.values, s.row(i, columns)...)
			}
		}
		v.weight = s.seen / float64(len(v.spans))
		some = append(some, v)
	}
	return some
}

// table adds the spans up by the values of their attributes. Its weights are scaled so that
// a span that failed counts as one: how sure an answer is rests on how many were looked at.
func (v *view) table(attributes []string) (table explain.Table, scale float64, sampled bool) {
	table.Attributes = attributes
	scale, sampled = v.scale()
	at := map[string]int{}
	key := make([]byte, 0, 4*len(attributes))
	row := func(of []name) *explain.Row {
		key = key[:0]
		for _, n := range of[:len(attributes)] {
			key = append(key, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		}
		i, known := at[string(key)]
		if !known {
			i = len(table.Rows)
			at[string(key)] = i
			values := make([]string, len(attributes))
			for c := range values {
				values[c] = v.words[c].texts[of[c]]
			}
			table.Rows = append(table.Rows, explain.Row{Values: values})
		}
		return &table.Rows[i]
	}
	for _, some := range slices.Concat(v.bad, v.good) {
		for i := range some.spans {
			r := row(some.row(i, v.columns))
			r.Total += some.weight * scale
			if some.failed {
				r.Bad += some.weight * scale
			}
		}
	}
	for _, some := range v.before {
		for i := range some.spans {
			r := row(some.row(i, v.columns))
			r.BaselineTotal += some.weight * scale
			if some.failed {
				r.BaselineBad += some.weight * scale
			}
		}
	}
	return table, scale, sampled
}

// scale is by what weights are multiplied, and whether the spans are a sample.
func (v *view) scale() (float64, bool) {
	kept, stood, sampled := 0.0, 0.0, false
	for _, some := range v.bad {
		kept += float64(len(some.spans))
		stood += some.weight * float64(len(some.spans))
	}
	for _, some := range slices.Concat(v.bad, v.good) {
		sampled = sampled || some.weight > 1
	}
	if stood <= 0 {
		return 1, sampled
	}
	return kept / stood, sampled
}

// where searches the spans for what explains the failures; nil where nothing could be
// compared.
func (t *Tracker) where(v *view) *slo.Where {
	if len(v.bad) == 0 || len(t.o.Compare) == 0 {
		return nil
	}
	table, scale, sampled := v.table(t.o.Compare)
	found := explain.Find(table, explain.Options{})
	if len(found.Attributes) == 0 || !found.Everywhere && len(found.Explanations) == 0 {
		return nil
	}
	for i := range found.Explanations {
		e := &found.Explanations[i]
		e.Failed, e.Total = e.Failed/scale, e.Total/scale
	}
	found.Events /= scale
	found.Sampled = sampled
	return &found
}
