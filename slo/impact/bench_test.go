package impact

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"burnline/slo"
)

// benchSpans are spans with eight attributes of some values each.
func benchSpans(n int) ([]slo.JudgedSpan, Options, *time.Time) {
	dice := rand.New(rand.NewPCG(1, 1))
	now := noon.Add(10 * time.Minute)
	o := Options{Now: func() time.Time { return now }, Customer: "c", Region: "a0"}
	for i := range 8 {
		o.Compare = append(o.Compare, "a"+strconv.Itoa(i))
	}
	spans := make([]slo.JudgedSpan, n)
	for i := range spans {
		s := span(noon.Add(time.Duration(dice.IntN(600))*time.Second), dice.IntN(100_000), false, "", "", "/pay")
		s.Values = nil
		for a := range o.Compare {
			s.Values = append(s.Values, strconv.Itoa(dice.IntN(2+3*a)))
		}
		s.Bad = dice.IntN(200) == 0 || s.Values[1] == "1" && s.Values[2] == "3" && dice.IntN(2) == 0
		spans[i] = s
	}
	return spans, o, &now
}

func BenchmarkJudged(b *testing.B) {
	spans, o, _ := benchSpans(100_000)
	t, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		at := i * 100 % len(spans)
		t.Judged(spans[at : at+100])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/span")
}

func BenchmarkEvidence(b *testing.B) {
	spans, o, _ := benchSpans(100_000)
	t, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	t.Judged(spans)
	for name, urgent := range map[string]bool{"urgent": true, "without hurry": false} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e := t.Evidence(context.Background(), Question{Incident: checkoutIncident(), Urgent: urgent})
				if e.Where == nil || len(e.Where.Explanations) == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}
