package propose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"burnline/slo"
)

// Row is one combination of the labels of Labels among the series of a metric; its name is
// under slo.MetricName.
type Row = slo.Labels

// Source is what is known of where the rows come from.
type Source struct {
	// Spans is true where spans arrive and an SLO can count them itself, as at a Burnline.
	Spans bool
	// Known are the SLOs that there are already.
	Known []Known
	// Services, where there are any, are the only ones that are proposed for.
	Services []string
}

// Candidate is something of a service that could be promised.
type Candidate struct {
	// Service and Name make the ID.
	Service, Name string
	// What names the events, and Metric is what they are counted by.
	What, Metric string
	// SLI is what the file says; of latency without its threshold.
	SLI slo.SLI
	// Probe is what the past is counted by, and ProbeBy are the labels by which it is counted apart.
	Probe   slo.SLI
	ProbeBy []string
	// GroupBy are the labels that split the SLO.
	GroupBy []string
	// Sliced is true where slices of time are counted.
	Sliced bool

	latency bool
	unit    float64 // seconds in one unit of le
	by      slo.Matcher
	rows    []Row
	shape   shape
	// spansBad is what a proposed SLO on spans counts as bad.
	spans bool
}

// Latency reports whether it promises how long something takes.
func (c *Candidate) Latency() bool { return c.latency }

// ID is service/name.
func (c *Candidate) ID() string { return c.Service + "/" + c.Name }

// Gap is something that is missing, or that stands in the way of a proposal.
type Gap struct {
	// Service is "" for what concerns all.
	Service string `json:"service,omitempty"`
	Message string `json:"message"`
	// Instead says what to do.
	Instead string `json:"instead,omitempty"`
}

// String says it in one line.
func (g Gap) String() string {
	text := g.Message
	if g.Service != "" {
		text = g.Service + ": " + text
	}
	if g.Instead != "" {
		text += "; " + g.Instead
	}
	return text
}

// found is a service's series of one shape.
type found struct {
	service string
	by      slo.Matcher
	shape   shape
	order   int
	base    string
	parts   map[string][]Row // by suffix
}

// Candidates says what could be promised of the services whose series were found, in order
// of service and name; and what stands in the way. covered are the IDs of SLOs that speak of
// something that was found.
func Candidates(rows []Row, from Source) (all []Candidate, gaps []Gap, covered []string) {
	names, gaps := called(rows)
	if len(from.Services) > 0 {
		gaps = nil // others were not asked for
	}
	groups := group(rows, names, from.Services)
	rank := map[string]int{}
	for _, f := range groups {
		if r, ok := rank[f.service]; !ok || f.shape.rank < r {
			rank[f.service] = f.shape.rank
		}
	}
	taken := map[string]slo.Matcher{}
	for _, f := range groups {
		if f.shape.rank > rank[f.service] {
			continue
		}
		some, more := f.candidates(from.Spans)
		gaps = append(gaps, more...)
		for _, c := range some {
			if by, there := taken[c.ID()]; there {
				if by != c.by {
					gaps = append(gaps, left(&c, by))
				}
				continue
			}
			taken[c.ID()] = c.by
			if id := coveredBy(&c, from.Known); id != "" {
				covered = append(covered, id)
				continue
			}
			all = append(all, c)
		}
	}
	gaps = slices.DeleteFunc(gaps, func(g Gap) bool {
		_, http := taken[g.Service+"/availability"]
		_, rpc := taken[g.Service+"/rpc-availability"]
		return http || rpc
	})
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name))
	})
	slices.Sort(covered)
	return all, uniqueGaps(gaps), slices.Compact(covered)
}

// left says that what tells a service in one way was left out for what tells one of the same name in another.
func left(c *Candidate, by slo.Matcher) Gap {
	return Gap{Message: fmt.Sprintf("%s of %s=%q was left out: %s is proposed for %s=%q", c.Metric, c.by.Label, c.by.Value, c.ID(), by.Label, by.Value),
		Instead: "where it is another service, write its SLOs by hand under another name (docs/slos.md)"}
}

// group puts rows together by service and metric, in order of service and of how good a source they are.
func group(rows []Row, names map[slo.Matcher]string, services []string) []*found {
	byKey := map[string]*found{}
	for i, s := range shapes() {
		for _, row := range rows {
			name := row.Get(slo.MetricName)
			suffix, ok := s.part(name)
			by, _ := tellsService(row)
			service := names[by]
			if !ok || service == "" || len(services) > 0 && !slices.Contains(services, service) && !slices.Contains(services, short(by)) || !meets(row, s.only) {
				continue
			}
			base := strings.TrimSuffix(name, suffix)
			key := strings.Join([]string{service, by.Label, by.Value, base, s.spans}, "\x00")
			if byKey[key] == nil {
				byKey[key] = &found{service: service, by: by, shape: s, order: i, base: base, parts: map[string][]Row{}}
			}
			if f := byKey[key]; f.order == i { // the first shape that fits has it
				f.parts[suffix] = append(f.parts[suffix], row)
			}
		}
	}
	var all []*found
	for _, f := range byKey {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *found) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.order, b.order), cmp.Compare(a.base, b.base),
			cmp.Compare(slices.Index(serviceLabels(), a.by.Label), slices.Index(serviceLabels(), b.by.Label)), cmp.Compare(a.by.Value, b.by.Value))
	})
	return all
}

func meets(row Row, only []slo.Matcher) bool {
	for _, m := range only {
		if row.Get(m.Label) != m.Value {
			return false
		}
	}
	return true
}

// candidates are the promises that the series of a service allow.
func (f *found) candidates(spans bool) (all []Candidate, gaps []Gap) {
	if f.shape.form == gauge {
		return []Candidate{f.slices()}, nil
	}
	c, gap := f.availability(spans)
	if gap != nil {
		gaps = append(gaps, *gap)
	} else if c != nil {
		all = append(all, *c)
	}
	if f.shape.form != histogram {
		return all, gaps
	}
	switch {
	case len(f.parts["_bucket"]) > 0:
		all = append(all, f.speed(spans))
	case len(f.parts[""]) > 0:
		gaps = append(gaps, Gap{f.service, f.base + " is a native histogram, whose past is not looked at",
			"write latency: {histogram: …, threshold: …} with a threshold of your own"})
	case len(f.parts["_count"]) > 0:
		gaps = append(gaps, Gap{f.service, f.base + " has no buckets, so slow can't be told from fast", "have it export a histogram with a bucket at what customers accept, such as 300ms"})
	}
	return all, gaps
}

// candidate is what all promises of the metric have in common.
func (f *found) candidate(name, metric string) Candidate {
	return Candidate{Service: f.service, Name: f.shape.prefix + name, What: f.shape.what, Metric: metric, by: f.by, shape: f.shape, unit: 1}
}

// selector selects the service's series of a metric.
func (f *found) selector(name string, more ...slo.Matcher) slo.Selector {
	return slo.Selector{Name: name, Matchers: slices.Concat([]slo.Matcher{f.by}, f.shape.only, more)}
}

// availability counts the events that fail.
func (f *found) availability(spans bool) (*Candidate, *Gap) {
	suffix := ""
	if f.shape.form == histogram {
		if suffix = "_count"; len(f.parts[suffix]) == 0 {
			return nil, nil
		}
		if f.shape.rank == rankSpans {
			return nil, nil // the calls say it
		}
	}
	rows := f.parts[suffix]
	metric := f.base + suffix
	for _, fail := range f.shape.fails {
		if !f.shape.sparse && !slices.ContainsFunc(rows, func(r Row) bool { return r.Get(fail.label) != "" }) {
			continue
		}
		if strings.Contains(fail.label, ".") && !strings.Contains(metric, ".") {
			continue
		}
		c := f.candidate("availability", metric)
		bad := slo.Matcher{Label: fail.label, Op: fail.op, Value: fail.value}
		c.SLI = slo.SLI{Events: &slo.EventsSLI{Bad: slo.Sum{{Selector: f.selector(metric, bad)}}, Total: slo.Sum{{Selector: f.selector(metric)}}}}
		c.Probe, c.rows = c.SLI, rows
		if f.shape.spans != "" && spans {
			c.spans = true
			c.SLI = slo.SLI{Spans: &slo.SpansSLI{Service: f.by.Value, Where: "kind == " + f.shape.spans, Bad: "status.code == STATUS_CODE_ERROR"}}
		}
		return &c, nil
	}
	var labels []string
	for _, fail := range f.shape.fails {
		labels = append(labels, fail.label)
	}
	return nil, &Gap{f.service, fmt.Sprintf("%s has none of the labels %s, so failed %s can't be told from good ones", metric, strings.Join(labels, ", "), f.shape.what),
		"add one, or write what else tells them"}
}

// speed counts the events that take too long; all buckets are counted at once.
func (f *found) speed(spans bool) Candidate {
	c := f.candidate("latency", f.base)
	c.latency, c.rows = true, f.parts["_bucket"]
	c.unit = slo.HistogramUnit(f.base).Seconds()
	bucket := f.base + "_bucket"
	c.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: f.selector(f.base)}}
	c.Probe = slo.SLI{Events: &slo.EventsSLI{
		Bad:   slo.Sum{{Selector: f.selector(bucket, slo.Matcher{Label: "le", Op: slo.MatchEqual, Value: "none"})}},
		Total: slo.Sum{{Selector: f.selector(bucket)}},
	}}
	c.ProbeBy = []string{"le"}
	if f.shape.spans != "" && spans {
		c.spans = true
		c.SLI = slo.SLI{Spans: &slo.SpansSLI{Service: f.by.Value, Where: "kind == " + f.shape.spans}}
	}
	return c
}

// mostTargets is how many targets of a probe get a budget of their own.
const mostTargets = 20

// slices counts the time in which a probe fails, or nothing runs.
func (f *found) slices() Candidate {
	c := f.candidate("availability", f.base)
	c.Sliced, c.rows = true, f.parts[""]
	s := &slo.SamplesSLI{Op: slo.GTE, Value: 1, Every: slice}
	sel := f.selector(f.base)
	if f.shape.rank == rankUp {
		s.Query = "max(" + sel.String() + ")"
	} else {
		s.Selector = &sel
		targets := map[string]bool{}
		for _, r := range c.rows {
			targets[r.Get("instance")] = true
		}
		if len(targets) > 1 && len(targets) <= mostTargets && !targets[""] {
			c.GroupBy = []string{"instance"}
		}
	}
	c.SLI = slo.SLI{Samples: s}
	c.Probe = c.SLI
	return c
}

// Services counts the services of which something was found.
func Services(rows []Row, only []string) int {
	seen := map[string]bool{}
	names, _ := called(rows)
	for _, f := range group(rows, names, only) {
		seen[f.service] = true
	}
	return len(seen)
}
