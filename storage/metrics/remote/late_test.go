package remote

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/prompb"
)

// A sender that is always minutes behind writes every few seconds. What it wrote is read all the
// same, each sample once the backend must show it.
func TestConstantlyLateSamplesAreRead(t *testing.T) {
	var l latecomers
	now := time.UnixMilli(1_700_000_000_000)
	shown := map[int64]time.Time{} // since when the backend shows a sample
	read := map[int64]bool{}
	for range 120 {
		now = now.Add(time.Second)
		if now.Unix()%5 == 0 {
			at := now.Add(-10 * time.Minute).UnixMilli()
			l.note([]prompb.TimeSeries{{
				Labels: []prompb.Label{{Name: "__name__", Value: "req"}}, Samples: []prompb.Sample{{Timestamp: at}},
			}}, now.UnixMilli(), now)
			shown[at] = now.Add(visibleAfter)
		}
		if s, ok := l.take("req", now); ok {
			for at, since := range shown {
				if at >= s.from && at <= s.to && !since.After(now) {
					read[at] = true
				}
			}
		}
		for at, since := range shown {
			if !read[at] && now.Sub(since) > 2*visibleAfter {
				t.Fatalf("a sample that is shown for %s was not read", now.Sub(since))
			}
		}
	}
}
