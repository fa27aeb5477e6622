package loadgen

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// Kind is the kind of metrics that a load has.
type Kind string

// The kinds. A mix is ten sums to one histogram.
const (
	Gauge     Kind = "gauge"
	Sum       Kind = "sum"
	Histogram Kind = "hist"
	Mix       Kind = "mix"
)

// perMetric is how many points of one metric stand together; a request is of
// one service instance.
const perMetric = 50

// bounds are those of every histogram: 12 buckets.
func bounds() []float64 { return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10} }

// Spec says what a load is made of.
type Spec struct {
	Kind Kind
	// Series is how many OTLP series there are; a histogram counts as one.
	Series int
	// PerRequest is how many points, one a series, a request has.
	PerRequest int
	// Start is the start time of all sums and histograms.
	Start time.Time
}

// Load is a set of requests, one point for every series among them.
type Load struct {
	requests []*request
}

// Build prepares a load.
func Build(s Spec) (*Load, error) {
	if s.Series <= 0 || s.PerRequest <= 0 {
		return nil, fmt.Errorf("build load: %d series in requests of %d points", s.Series, s.PerRequest)
	}
	switch s.Kind {
	case Gauge, Sum, Histogram, Mix:
	default:
		return nil, fmt.Errorf("build load: kind %q is none of gauge, sum, hist, mix", s.Kind)
	}
	l := &Load{}
	for first := 0; first < s.Series; first += s.PerRequest {
		r, err := newRequest(s.metrics(len(l.requests), min(s.PerRequest, s.Series-first)))
		if err != nil {
			return nil, fmt.Errorf("build load: %w", err)
		}
		l.requests = append(l.requests, r)
	}
	return l, nil
}

// Points is how many data points one round sends.
func (l *Load) Points() int {
	n := 0
	for _, r := range l.requests {
		n += r.points
	}
	return n
}

// metrics makes one request's metrics: those of one instance of a service.
func (s Spec) metrics(instance, points int) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	res := rm.Resource().Attributes()
	res.PutStr("service.name", "service-"+strconv.Itoa(instance%20))
	res.PutStr("service.instance.id", "instance-"+strconv.Itoa(instance))
	res.PutStr("host.name", "host-"+strconv.Itoa(instance))
	res.PutStr("telemetry.sdk.language", "go")
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("loadgen")
	for at := 0; at < points; at += perMetric {
		m := sm.Metrics().AppendEmpty()
		s.metric(m, at/perMetric, min(perMetric, points-at))
	}
	return md
}

func (s Spec) metric(m pmetric.Metric, number, points int) {
	kind := s.Kind
	if kind == Mix {
		kind = Sum
		if number%11 == 10 {
			kind = Histogram
		}
	}
	m.SetName(fmt.Sprintf("http.server.%s.metric%d", kind, number))
	m.SetUnit("s")
	m.SetDescription("A metric of the load generator.")
	start := pcommon.NewTimestampFromTime(s.Start)
	switch kind {
	case Gauge:
		addNumbers(m.SetEmptyGauge().DataPoints(), points, 0)
	case Sum:
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		addNumbers(sum.DataPoints(), points, start)
	default:
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		addHistograms(h.DataPoints(), points, start)
	}
}

func addNumbers(to pmetric.NumberDataPointSlice, points int, start pcommon.Timestamp) {
	for i := range points {
		p := to.AppendEmpty()
		attributes(p.Attributes(), i)
		p.SetStartTimestamp(start)
		p.SetTimestamp(pcommon.Timestamp(markTime))
		p.SetIntValue(int64(markValue | uint64(i)))
	}
}

func addHistograms(to pmetric.HistogramDataPointSlice, points int, start pcommon.Timestamp) {
	for i := range points {
		p := to.AppendEmpty()
		attributes(p.Attributes(), i)
		p.SetStartTimestamp(start)
		p.SetTimestamp(pcommon.Timestamp(markTime))
		p.ExplicitBounds().FromRaw(bounds())
		counts := make([]uint64, len(bounds())+1)
		for b := range counts {
			counts[b] = markBucket | uint64(b)
		}
		p.BucketCounts().FromRaw(counts)
		p.SetCount(markCount | uint64(len(counts)))
		p.SetSum(math.Float64frombits(markSum | uint64(i)))
	}
}

// attributes are those of an HTTP server's metric, by the conventions.
func attributes(to pcommon.Map, i int) {
	to.PutStr("http.request.method", "GET")
	to.PutStr("http.route", "/api/v1/route/"+strconv.Itoa(i))
	to.PutInt("http.response.status_code", int64(200+i%5))
	to.PutStr("network.protocol.version", "1.1")
	to.PutStr("server.address", "shop.example.com")
	to.PutStr("url.scheme", "https")
}

func newRequest(md pmetric.Metrics) (*request, error) {
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		return nil, err
	}
	return &request{body: body, points: md.DataPointCount(), marks: findMarks(body)}, nil
}
