package web

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// warm is a past in which requests are slow in the tenth step.
func warm(_ context.Context, _ *slo.Definition, _ slo.Labels, from, to time.Time, steps int) ([]slo.HeatStep, error) {
	var all []slo.HeatStep
	for i := range steps {
		s := slo.HeatStep{T: from.Add(to.Sub(from) * time.Duration(i+1) / time.Duration(steps)), Buckets: []slo.HeatBucket{
			{Lower: 0, Upper: 0.05, Count: 40}, {Lower: 0.05, Upper: 0.1, Count: 80}, {Lower: 0.1, Upper: 0.3, Count: 20}, {Lower: 0.3, Upper: 1, Count: 1}, {Lower: 1, Upper: math.Inf(1)}}}
		if i == 9 {
			s.Buckets[3].Count, s.Buckets[4].Count = 90, 30
		}
		all = append(all, s)
	}
	return all, nil
}

func TestHowLongRequestsTookIsDrawnAndSaid(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.Heat = warm })
	_, body := get(t, srv.URL+"/slo/search/latency?from=1000&to=4600")
	if !strings.Contains(body, `hx-get="/heat/search/latency?from=1000&amp;to=4600"`) {
		t.Error("the page of a latency SLO lacks the picture")
	}
	if _, body = get(t, srv.URL+"/slo/checkout/availability"); strings.Contains(body, "/heat/") {
		t.Error("an SLO without a histogram has a picture")
	}
	status, body := get(t, srv.URL+"/heat/search/latency?from=1000&to=4600")
	if n := strings.Count(body, `<rect class="h`); status != http.StatusOK || n != 60*4+1 {
		t.Errorf("status %d, %d cells", status, n)
	}
	for _, want := range []string{"Half of about 8,579 requests took at most 100 ms, 99 % took at most 1 s; 2.09 % took longer than 300 ms. The slowest step had 46.2 % of them at 1 Jan 00:26 UTC.", "<li>over 1 s</li><li>1 s</li><li>300 ms</li>", "a good request takes at most 300 ms", " slow"} {
		if !strings.Contains(body, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	status, body = get(t, srv.URL+"/api/v1/heatmaps/search/latency?from=1000&to=4600")
	var a heatJSON
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK || len(a.T) != 60 || len(a.Bounds) != 5 || a.Bounds[4] != nil || a.Counts[9][4] != 30 {
		t.Errorf("%d %v %.300s", status, err, body)
	}
	for _, path := range []string{"/heat/checkout/availability", "/heat/no/such", "/api/v1/heatmaps/no/such"} {
		if status, _ = get(t, srv.URL+path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	away := serve(t, newShop(noon), func(o *Options) {
		o.Heat = func(context.Context, *slo.Definition, slo.Labels, time.Time, time.Time, int) ([]slo.HeatStep, error) {
			return nil, errors.New("the store is away")
		}
	})
	if _, body = get(t, away.URL+"/heat/search/latency"); !strings.Contains(body, "The histogram can&#39;t be read: the store is away.") {
		t.Error("a failure is not said")
	}
	if status, _ = get(t, away.URL+"/api/v1/heatmaps/search/latency"); status != http.StatusServiceUnavailable {
		t.Errorf("a failure of the API: %d", status)
	}
}
