package remote

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"

	"burnline/storage/metrics"
)

// asAnswered writes a histogram as the query API does: buckets that hold anything,
// with their bounds.
func asAnswered(h *histogram.FloatHistogram) *model.SampleHistogram {
	out := &model.SampleHistogram{Count: model.FloatString(h.Count), Sum: model.FloatString(h.Sum)}
	it := h.AllBucketIterator()
	for it.Next() {
		b := it.At()
		if b.Count == 0 {
			continue
		}
		kind := int32(2)
		switch {
		case b.LowerInclusive && b.UpperInclusive:
			kind = 3
		case b.LowerInclusive:
			kind = 1
		case b.UpperInclusive:
			kind = 0
		}
		out.Buckets = append(out.Buckets, &model.HistogramBucket{Boundaries: kind,
			Lower: model.FloatString(b.Lower), Upper: model.FloatString(b.Upper), Count: model.FloatString(b.Count)})
	}
	return out
}

func TestHistogramsSurviveTheAPIsWayOfWritingThem(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		h := randomHistogram(rng)
		got, err := floatHistogram(asAnswered(h))
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, h, err)
		}
		if err := got.Validate(); err != nil {
			t.Fatalf("seed %d: %s became %s: %v", seed, h, got, err)
		}
		before, after := metrics.NewHistogram(h), metrics.NewHistogram(got)
		for range 20 {
			upper := rng.NormFloat64() * 3
			if a, b := before.CountBelow(upper), after.CountBelow(upper); math.Abs(a-b) > 1e-6 {
				t.Fatalf("seed %d: %s became %s: at most %g: %g, want %g", seed, h, got, upper, b, a)
			}
		}
	}
}

func TestABucketCutByTheZeroBucketIsStillExponential(t *testing.T) {
	h := &histogram.FloatHistogram{Schema: 0, ZeroThreshold: 0.3, ZeroCount: 2, Count: 11,
		PositiveSpans: []histogram.Span{{Offset: -1, Length: 2}}, PositiveBuckets: []float64{4, 5}}
	got, err := floatHistogram(asAnswered(h))
	if err != nil || got.Schema != 0 || !got.Equals(h) {
		t.Errorf("got %v %v, want %s", got, err, h)
	}
}

// randomHistogram returns a histogram of any schema, with a negative side and
// a zero bucket now and then.
func randomHistogram(rng *rand.Rand) *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{}
	side := func() ([]histogram.Span, []float64) {
		var spans []histogram.Span
		var counts []float64
		for i := range 1 + rng.IntN(3) {
			offset := int32(rng.IntN(5)) + 1
			if i == 0 {
				offset = int32(rng.IntN(7)) - 3
			}
			n := 1 + rng.IntN(4)
			spans = append(spans, histogram.Span{Offset: offset, Length: uint32(n)})
			for range n {
				counts = append(counts, float64(1+rng.IntN(9)))
			}
		}
		return spans, counts
	}
	if rng.IntN(5) == 0 {
		h.Schema = histogram.CustomBucketsSchema
		h.CustomValues = []float64{-1, 0.1, 0.5, 1, 3}
		h.PositiveSpans = []histogram.Span{{Length: 6}}
		for range 6 {
			h.PositiveBuckets = append(h.PositiveBuckets, float64(1+rng.IntN(9)))
		}
	} else {
		h.Schema = int32(rng.IntN(13)) - 4
		h.PositiveSpans, h.PositiveBuckets = side()
		if rng.IntN(2) == 0 {
			h.NegativeSpans, h.NegativeBuckets = side()
		}
		if h.Schema >= 0 && rng.IntN(2) == 0 {
			h.ZeroThreshold, h.ZeroCount = 1e-4, float64(1+rng.IntN(5))
		}
	}
	it := h.AllBucketIterator()
	for it.Next() {
		h.Count += it.At().Count
	}
	return h
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a"},"values":[[1.5,"2"]],"histograms":[[1,{"count":"2","sum":"1","buckets":[[0,"1","2","2"]]}]]}]}}`))
	f.Add([]byte(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}`))
	f.Add([]byte(`{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`))
	f.Add([]byte(`{"status":"success","warnings":["x"],"data":{"resultType":"string","result":[1,"a"]}}`))
	f.Add([]byte(`{"status":"error","error":"no"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAnswer(body)
		if err != nil {
			return
		}
		if v, err := a.value(); err == nil {
			_ = v.String()
		}
		m, err := a.matrix()
		if err != nil {
			return
		}
		c := newCollection()
		if err := c.add(m, math.MinInt64, math.MaxInt64); err != nil {
			return
		}
		for _, s := range c.order {
			for _, sample := range s.Samples {
				if sample.H != nil {
					sample.H.CountBelow(1)
				}
			}
		}
	})
}

func FuzzTraits(f *testing.F) {
	f.Add([]byte(`{"data":{"version":"2.42.0+ds"}}`))
	f.Fuzz(func(_ *testing.T, body []byte) { readTraits(body) })
}

func TestTheBackendsVersionTellsWhatItKeeps(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         traits
	}{
		{"Prometheus 2.42 keeps histograms", `{"data":{"version":"2.42.0+ds","revision":"2.42.0","goVersion":"go1.19"}}`, traits{histograms: true}},
		{"Prometheus 2.39 does not", `{"data":{"version":"2.39.1","revision":"x"}}`, traits{}},
		{"Prometheus 3 does", `{"data":{"version":"3.1.0","revision":"x"}}`, traits{histograms: true}},
		{"VictoriaMetrics does not, and returns markers", `{"status":"success","data":{"version":"2.24.0"}}`, traits{markers: true}},
		{"Mimir does", `{"data":{"application":"Grafana Mimir","version":"2.14.0","goVersion":"go1.22"}}`, traits{histograms: true}},
		{"an unknown backend does not", `{"data":{"application":"Other","version":"9.0.0"}}`, traits{}},
		{"nor does one that answers something else", `<html>`, traits{}},
	} {
		if got := readTraits([]byte(c.answer)); got != c.want {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestAnswersThatAreNotWholeAreErrors(t *testing.T) {
	result := `"data":{"resultType":"vector","result":[]}`
	for name, body := range map[string]string{
		"a warning":     `{"status":"success","warnings":["store gateway is away"],` + result + `}`,
		"a partial one": `{"status":"success","isPartial":true,` + result + `}`,
		"an error":      `{"status":"error","errorType":"timeout","error":"query timed out"}`,
		"a web page":    `<!doctype html>`,
		"nothing":       `{}`,
	} {
		if _, err := parseAnswer([]byte(body)); err == nil {
			t.Errorf("%s is taken for an answer", name)
		}
	}
	if _, err := parseAnswer([]byte(`{"status":"success","infos":["might not be a counter"],` + result + `}`)); err != nil {
		t.Errorf("a remark about the query: %v", err)
	}
}
