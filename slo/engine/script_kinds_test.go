package engine

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"burnline/slo"
)

// kinds is what a story tells of SLIs that are no counters.
type kinds struct {
	slice, unit, zone string
	method            slo.BudgetingMethod
	target            float64
	kind              string
	gauges            map[string]float64 // by region, a sample a second
	answers           []scripted
	mute              bool // queries fail
}

// scripted is what a query answers for the slices that end at or after a moment; NaN is no
// answer.
type scripted struct {
	from   time.Time
	region string
	value  float64
}

// option takes one word of the slo command.
func (s *story) option(name, value string) {
	k := &s.kinds
	switch name {
	case "window":
		switch slo.CalendarUnit(value) {
		case slo.Week, slo.Month, slo.Quarter, slo.Year:
			k.unit = value
		default:
			s.def.Window.Rolling = s.duration(value)
		}
	case "zone":
		k.zone = value
	case "kind":
		k.kind = value
	case "slice":
		k.slice = value
	case "budgeting":
		k.method = slo.BudgetingMethod(value)
	case "target":
		k.target = s.number(value)
	default:
		s.t.Fatalf("%s: unknown option %s", s.where, name)
	}
}

// complete makes of the options what they mean together.
func (s *story) complete() {
	k := &s.kinds
	if k.unit != "" {
		c, err := slo.NewCalendar(slo.CalendarUnit(k.unit), 1, k.zone, time.Time{})
		s.check(err)
		s.def.Window = slo.Window{Calendar: c}
	}
	slice := time.Duration(0)
	if k.slice != "" {
		slice = s.duration(k.slice)
	}
	if k.method != "" {
		s.def.Budgeting = slo.Budgeting{Method: k.method, Slice: slice, Target: k.target}
	}
	up := slo.Selector{Name: "up"}
	switch k.kind {
	case "ratio":
		s.def.SLI = slo.SLI{Ratio: &slo.RatioSLI{Query: "errors[$window]", Slice: slice}}
	case "samples":
		s.def.SLI = slo.SLI{Samples: &slo.SamplesSLI{Selector: &up, Op: slo.GTE, Value: 1}}
	case "asked":
		s.def.SLI = slo.SLI{Samples: &slo.SamplesSLI{Query: "up * 1", Op: slo.GTE, Value: 1, Every: slice}}
	case "slices":
		s.def.SLI = slo.SLI{Samples: &slo.SamplesSLI{Selector: &up, Op: slo.GTE, Value: 1}}
		s.def.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: slice, Target: 1}
	}
}

// composite makes the first SLO one of the further ones: "worst pay search=3".
func (s *story) composite(w []string) {
	c := &slo.CompositeSLI{Method: slo.CompositeMethod(w[0])}
	for _, word := range w[1:] {
		name, weight, given := strings.Cut(word, "=")
		p := slo.CompositePart{SLO: "shop/" + name, Weight: 1}
		if given {
			p.Weight = s.number(weight)
		}
		c.Parts = append(c.Parts, p)
	}
	s.def.SLI = slo.SLI{Composite: c}
}

// clock sets the moment at which the story begins.
func (s *story) clock(text string) {
	at, err := time.Parse(time.RFC3339, text)
	s.check(err)
	s.now, s.zero = at, at
}

// value reads a number; "none" is NaN.
func (s *story) value(text string) float64 {
	if text == "none" {
		return math.NaN()
	}
	return s.number(text)
}

func (s *story) gauge(region, value string) {
	if s.kinds.gauges == nil {
		s.kinds.gauges = map[string]float64{}
	}
	s.kinds.gauges[region] = s.value(value)
}

// gaugesAt sends a sample of every gauge.
func (s *story) gaugesAt(at time.Time) {
	for region, v := range s.kinds.gauges {
		if math.IsNaN(v) {
			continue
		}
		key := "up " + region
		if s.series[key] == nil {
			s.series[key] = slo.NewSeries(slo.NewLabels(slo.MetricName, "up", "job", "probe", "region", strings.Trim(region, "-")))
		}
		s.deliver(s.series[key], slo.Sample{T: at.UnixMilli(), V: v})
	}
}

// answer scripts what the query answers from now on; "fails" and "works" are for all.
func (s *story) answer(w []string) {
	if len(w) == 1 {
		s.kinds.mute = w[0] == "fails"
		return
	}
	one := scripted{from: s.now, region: strings.Trim(w[0], "-"), value: s.value(w[1])}
	if s.engine == nil {
		one.from = time.Time{}
	}
	s.kinds.answers = append(s.kinds.answers, one)
}

// QueryRange implements Querier.
func (s *story) QueryRange(_ context.Context, _ string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	if s.kinds.mute {
		return errors.New("the backend is away")
	}
	regions := map[string]bool{}
	for _, one := range s.kinds.answers {
		if regions[one.region] {
			continue
		}
		regions[one.region] = true
		run := slo.SeriesSamples{Series: slo.NewSeries(slo.NewLabels("region", one.region))}
		for at := from; !at.After(to); at = at.Add(step) {
			v := math.NaN()
			for _, a := range s.kinds.answers {
				if a.region == one.region && !at.Before(a.from) {
					v = a.value
				}
			}
			run.Samples = append(run.Samples, slo.Sample{T: at.UnixMilli(), V: v})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}
