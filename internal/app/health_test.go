package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/internal/auth"
	"burnline/storage/metrics/remote"
	"burnline/web"
)

// lookAt gathers once what a test registered.
func lookAt(t *testing.T, reg *prometheus.Registry) look {
	t.Helper()
	v := &vitals{gatherer: reg, now: time.Now}
	v.take()
	l, ok := v.latest()
	if !ok {
		t.Fatal("nothing was gathered")
	}
	return l
}

func TestWhatWasRefusedIsCountedOnceAndInPlainWords(t *testing.T) {
	reg := prometheus.NewRegistry()
	f := promauto.With(reg)
	count := func(name string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name, Help: name}, labels)
	}
	samples := count("burnline_ingest_refused_samples_total", "reason")
	samples.WithLabelValues("too_old").Add(12)
	samples.WithLabelValues("future").Add(3)
	samples.WithLabelValues("series_limit")
	points := count("burnline_collector_rejected_points_total", "reason")
	points.WithLabelValues("store").Add(15) // the same 12 and 3
	points.WithLabelValues("translation").Add(2)
	requests := count("burnline_collector_refused_requests_total", "transport", "reason")
	requests.WithLabelValues("grpc", "malformed").Add(4)
	requests.WithLabelValues("http", "malformed").Add(1)
	requests.WithLabelValues("http", "phase_of_moon").Add(1)

	got := refusals(lookAt(t, reg))
	want := []web.Refusal{
		{Reason: "older than the store takes", Count: 12},
		{Reason: "not OTLP", Count: 5},
		{Reason: "more than 10 minutes in the future", Count: 3},
		{Reason: "no Prometheus form", Count: 2},
		{Reason: "phase_of_moon", Count: 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTheDoctorSaysByWhatSendersWereNotLetIn(t *testing.T) {
	reg := prometheus.NewRegistry()
	refused := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: "burnline_ingest_refused_requests_total", Help: "x"}, []string{"reason", "way"})
	for _, why := range auth.Whys() {
		refused.WithLabelValues(string(why), auth.FeedAlerts).Add(2)
		refused.WithLabelValues(string(why), auth.FeedOther)
	}
	said := unadmitted(lookAt(t, reg))
	if len(said) != len(auth.Whys()) {
		t.Fatalf("it says %v", said)
	}
	for _, one := range said {
		if one.Subject != auth.FeedAlerts || !strings.HasPrefix(one.Message, "2 requests ") || len(one.Message) < 20 || one.Remedy == "" {
			t.Errorf("it says %+v", one)
		}
	}
}

func TestASizeOfNothingIsToldFromNoSize(t *testing.T) {
	reg := prometheus.NewRegistry()
	promauto.With(reg).NewGauge(prometheus.GaugeOpts{Name: "burnline_traces_bytes", Help: "An empty store."})
	l := lookAt(t, reg)
	if size := l.size("burnline_traces_bytes"); size == nil || *size != 0 {
		t.Errorf("an empty store has the size %v, want 0", size)
	}
	if size := l.size("burnline_no_such_bytes"); size != nil {
		t.Errorf("a store that is not there has the size %d", *size)
	}
}

func TestABackendThatHangsIsNotShownAsWell(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name string
		last time.Time
		late bool
	}{
		{"the newest poll succeeded just now", now.Add(-5 * time.Second), false},
		{"no poll has succeeded for a minute", now.Add(-time.Minute), true},
	} {
		reg := prometheus.NewRegistry()
		promauto.With(reg).NewGauge(prometheus.GaugeOpts{
			Name: "burnline_remote_last_whole_poll_timestamp_seconds", Help: "last",
		}).Set(float64(c.last.Unix()))
		v := &vitals{gatherer: reg, now: time.Now}
		v.take()
		p := &parts{started: now.Add(-time.Hour), remote: &remote.Store{}, vitals: v}
		if late := p.pollsAreLate(now); late != c.late {
			t.Errorf("%s: late is %v", c.name, late)
		}
	}
}
