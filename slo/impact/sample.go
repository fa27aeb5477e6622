package impact

import (
	"math/rand/v2"

	"burnline/slo"
)

// sample holds spans of one minute and one outcome: all of them up to a bound, beyond it a
// uniform sample (Vitter's algorithm R), whose spans stand for seen ÷ kept each.
type sample struct {
	spans []keptSpan
	// values are those of all spans one after another, a column for each dictionary.
	values []name
	seen   float64
	// failed says that its spans are those that failed.
	failed bool
}

// keptSpan is what is kept of a span beside its texts.
type keptSpan struct {
	trace         [16]byte
	span          [8]byte
	end, duration int64 // nanoseconds
}

// row are the texts of a kept span by their numbers.
func (s *sample) row(i, columns int) []name { return s.values[i*columns : (i+1)*columns] }

// add offers a span to the sample.
func (s *sample) add(j *slo.JudgedSpan, d dictionaries, most int, dice *rand.Rand) {
	s.seen++
	at := len(s.spans)
	if at >= most {
		if at = int(dice.Int64N(int64(s.seen))); at >= most {
			return
		}
	}
	if at == len(s.spans) {
		s.spans = append(s.spans, keptSpan{})
		for range d {
			s.values = append(s.values, 0)
		}
	}
	s.spans[at] = keptSpan{trace: j.Trace, span: j.Span, end: j.End.UnixNano(), duration: int64(j.Duration)}
	d.write(s.row(at, len(d)), j)
}

// merge adds another sample of the same outcome: each span stays with the probability that it
// would have had, had all been offered to one sample.
func (s *sample) merge(o *sample, columns, most int, dice *rand.Rand) {
	if len(o.spans) == 0 {
		return
	}
	merged := sample{seen: s.seen + o.seen, failed: s.failed}
	left := [2]*sample{s, o}
	rest := [2]float64{s.seen, o.seen}
	order := [2][]int{dice.Perm(len(s.spans)), dice.Perm(len(o.spans))}
	weight := [2]float64{s.seen / max(1, float64(len(s.spans))), o.seen / float64(len(o.spans))}
	for len(merged.spans) < min(most, len(s.spans)+len(o.spans)) {
		from := 0
		if len(order[0]) == 0 || len(order[1]) > 0 && dice.Float64()*(rest[0]+rest[1]) >= rest[0] {
			from = 1
		}
		i := order[from][0]
		order[from] = order[from][1:]
		rest[from] -= weight[from]
		merged.spans = append(merged.spans, left[from].spans[i])
		merged.values = append(merged.values, left[from].row(i, columns)...)
	}
	*s = merged
}
