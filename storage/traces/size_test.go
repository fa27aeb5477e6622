package traces

import (
	"testing"

	"burnline/internal/harness/sizing"
)

// bytesOfSpan is what a span of a typical trace takes in a file.
func bytesOfSpan(t testing.TB, total int) float64 {
	t.Helper()
	s := open(t, Options{})
	spans := 0
	for n := range total {
		td := typical(n)
		spans += td.SpanCount()
		if err := s.Append(t.Context(), td); err != nil {
			t.Fatal(err)
		}
	}
	return float64(s.bytes()) / float64(spans)
}

func TestSpansTakeWhatTheDocsSay(t *testing.T) {
	sizing.Holds(t, "a span of a kept trace", bytesOfSpan(t, 100), 1.5)
}

// BenchmarkSizes prints what docs/sizing.md states.
func BenchmarkSizes(b *testing.B) {
	b.ReportMetric(bytesOfSpan(b, 20_000), "B/span")
	b.ReportMetric(0, "ns/op")
}
