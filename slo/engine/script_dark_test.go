package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// also defines further SLOs like the first, each with series of its own.
func (s *story) also(words []string) {
	names := []string{words[0]}
	words = words[1:]
	if len(words) > 0 && !strings.Contains(words[0], "=") {
		n := int(s.number(words[0]))
		base := names[0]
		names = nil
		for i := range n {
			names = append(names, fmt.Sprintf("%s%d", base, i+1))
		}
		words = words[1:]
	}
	for _, name := range names {
		d := s.def
		d.ID, d.Name, d.Journey, d.Policies = "shop/"+name, name, "", slices.Clone(s.def.Policies)
		job := "shop"
		for _, word := range words {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "job":
				job = value
			case "no_data":
				d.NoData = slo.NoData(value)
			default:
				s.t.Fatalf("%s: what is %s?", s.where, word)
			}
		}
		d.Labels = map[string]string{"job": job}
		req := slo.Selector{Name: "req_" + name}
		failed := slo.Selector{Name: "req_" + name, Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "500"}}}
		d.SLI.Events = &slo.EventsSLI{Total: slo.Sum{{Selector: req}}, Bad: slo.Sum{{Selector: failed}}}
		s.further = append(s.further, d)
		if _, ok := s.rates[name+"/-"]; !ok {
			s.rates[name+"/-"] = [2]float64{10, 0}
		}
	}
	if s.engine != nil {
		s.update()
	}
}

// sloOf returns the name of the SLO that a region is of, "" for the first.
func sloOf(region string) string {
	name, _, ok := strings.Cut(region, "/")
	if !ok {
		return ""
	}
	return name
}

// labels returns the labels of one series of a region.
func (s *story) labels(region, code string) slo.Labels {
	metric, job := "req", "shop"
	if name := sloOf(region); name != "" {
		metric = "req_" + name
		for _, d := range s.further {
			if d.Name == name {
				job = d.Labels["job"]
			}
		}
		_, region, _ = strings.Cut(region, "/")
	}
	return slo.NewLabels(slo.MetricName, metric, "job", job, "code", code, "region", strings.Trim(region, "-"))
}

// update gives the engine all SLOs.
func (s *story) update() {
	for i := range s.further {
		if len(s.further[i].Policies) == 0 {
			s.further[i].Policies = s.def.Policies
		}
	}
	s.check(s.engine.Update(append([]slo.Definition{s.def}, s.further...)))
}

// hush stops samples, of all SLOs or of some: a name with * at its end stands for
// all that begin so; "buy" is the first SLO.
func (s *story) hush(silent bool, names []string) {
	if len(names) == 0 {
		s.silent = silent
	}
	for _, name := range names {
		if name == "buy" {
			s.quiet[""] = silent
			continue
		}
		for _, d := range s.further {
			if prefix, many := strings.CutSuffix(name, "*"); d.Name == name || many && strings.HasPrefix(d.Name, prefix) {
				s.quiet[d.Name] = silent
			}
		}
	}
}

// down lets time pass in which neither the engine runs nor anybody takes samples;
// the services go on counting.
func (s *story) down(until time.Time) {
	for s.now.Before(until) {
		s.now = s.now.Add(time.Second)
		for region, r := range s.rates {
			if !s.silent && !s.quiet[sloOf(region)] {
				s.count(region, r)
			}
		}
	}
}

// dark checks what is known of an SLO's lack of data: "no", a severity, or "untold".
func (s *story) dark(name, want string) {
	got := "no"
	statuses := s.engine.Status("shop/" + name)
	if d := statuses[0].Dark; d != nil {
		got = string(d.Severity)
		if got == "" {
			got = "untold"
		}
	}
	if got != want {
		s.t.Fatalf("%s: the darkness of %s is %s (%+v), expected %s", s.where, name, got, statuses[0].Dark, want)
	}
}

// forget takes a further SLO out of the configuration.
func (s *story) forget(name string) {
	s.further = slices.DeleteFunc(s.further, func(d slo.Definition) bool { return d.Name == name })
	delete(s.rates, name+"/-")
	s.update()
}

// darkLine writes what an incident without data is about.
func (s *story) darkLine(tr slo.Transition) string {
	if tr.Dark == nil || tr.Definition == nil && tr.Ending != slo.EndingRemoved {
		s.t.Errorf("%s: a transition without evidence: %+v", s.where, tr)
	}
	line := " dark " + tr.Incident.SLO
	if n := len(tr.Incident.SLOs); n > 0 {
		line += fmt.Sprintf(" of %d", n)
	}
	return line
}

// unstored says since when nothing is stored.
func (s *story) unstored() (time.Time, error) {
	if s.full.IsZero() {
		return time.Time{}, nil
	}
	return s.full, errors.New("the disk is full")
}
