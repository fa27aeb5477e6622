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
