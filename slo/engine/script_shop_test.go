package engine

import (
	"strings"
	"time"

	"burnline/slo"
)

// count adds events to a region's counters; the one of bad events is born with
// the first of them.
func (s *story) count(region string, v [2]float64) {
	s.values[region+" 200"] += v[0] - v[1]
	if v[1] > 0 {
		s.values[region+" 500"] += v[1]
	}
}

func (s *story) counter(w []string) {
	sample := slo.Sample{T: s.now.UnixMilli(), V: s.number(w[3])}
	if len(w) > 4 {
		sample.ST = s.now.Add(-s.duration(strings.TrimPrefix(w[4], "start="))).UnixMilli()
	}
	s.values[w[1]+" "+w[2]] = sample.V
	s.sample(w[1], w[2], sample)
}

func (s *story) send(region string, at time.Time) {
	for _, code := range []string{"200", "500"} {
		if v, ok := s.values[region+" "+code]; ok {
			s.sample(region, code, slo.Sample{T: at.UnixMilli(), V: v})
		}
	}
}

func (s *story) sample(region, code string, sample slo.Sample) {
	k := region + " " + code
	if s.series[k] == nil {
		s.series[k] = slo.NewSeries(s.labels(region, code))
	}
	s.deliver(s.series[k], sample)
}

// deliver stores a sample and hands it to the engine.
func (s *story) deliver(series *slo.Series, sample slo.Sample) {
	one := slo.SeriesSample{Series: series, Sample: sample}
	if s.hold {
		s.held = append(s.held, one)
		return
	}
	s.store.commit(series.Labels(), sample)
	if s.engine != nil {
		s.engine.Deliver([]slo.SeriesSample{one})
	}
}

func (s *story) release() {
	s.hold = false
	for _, one := range s.held {
		s.store.commit(one.Series.Labels(), one.Sample)
	}
	s.engine.Deliver(s.held)
	s.held = nil
}

func (s *story) history(length time.Duration) {
	step := time.Minute
	for at := s.now.Add(-length); !at.After(s.now); at = at.Add(step) {
		for region, r := range s.rates {
			s.count(region, [2]float64{r[0] * step.Seconds(), r[1] * step.Seconds()})
			s.send(region, at)
		}
		s.gaugesAt(at)
		if s.now.Sub(at) <= 2*time.Hour {
			step = time.Second
		}
	}
}

// pass lets time go by up to a moment, second by second.
func (s *story) pass(until time.Time) {
	for s.now.Before(until) {
		s.now = s.now.Add(time.Second)
		if !s.silent {
			for region, r := range s.rates {
				if !s.quiet[sloOf(region)] {
					s.count(region, r)
					s.send(region, s.now)
				}
			}
			s.gaugesAt(s.now)
		}
		s.tick()
	}
}
