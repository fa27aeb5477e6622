package cloudwatch

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// What GetMetricData takes at most.
const (
	maxQueries    = 500
	maxDimensions = 30
	maxData       = 100_800
)

// ids is the form of the ID of a query.
var ids = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,254}$`)

// data answers GetMetricData.
func (s *Server) data(input cbor.Map) (cbor.Map, error) {
	queries, ok := input["MetricDataQueries"].(cbor.List)
	if !ok || len(queries) == 0 || len(queries) > maxQueries {
		return nil, invalid("MetricDataQueries are 1 to %d", maxQueries)
	}
	start, err := cbor.AsTime(input["StartTime"])
	if err != nil {
		return nil, invalid("StartTime: %v", err)
	}
	end, err := cbor.AsTime(input["EndTime"])
	if err != nil || !start.Before(end) {
		return nil, invalid("StartTime must be before EndTime")
	}
	if _, ok := input["NextToken"]; ok {
		return nil, &refusal{"InvalidNextToken", "everything was on the first page"}
	}
	descending := false
	switch text(input["ScanBy"]) {
	case "", "TimestampDescending":
		descending = true
	case "TimestampAscending":
	default:
		return nil, invalid("ScanBy is TimestampDescending or TimestampAscending")
	}
	results, taken := cbor.List{}, map[string]bool{}
	count := 0
	for _, v := range queries {
		q, err := s.query(v)
		if err != nil {
			return nil, err
		}
		if taken[q.id] {
			return nil, invalid("the ID %s is there twice", q.id)
		}
		taken[q.id] = true
		if err := s.old(q, start); err != nil {
			return nil, err
		}
		times, values := s.sample(q, start, end)
		if count += len(times); count > maxData {
			return nil, invalid("more than %d data points", maxData)
		}
		if descending {
			slices.Reverse(times)
			slices.Reverse(values)
		}
		results = append(results, cbor.Map{"Id": cbor.String(q.id), "Label": cbor.String(q.name), "StatusCode": cbor.String("Complete"), "Timestamps": times, "Values": values})
	}
	return cbor.Map{"MetricDataResults": results, "Messages": cbor.List{}}, nil
}

// query is what one query asks.
type query struct {
	id, namespace, name, stat string
	dimensions                map[string]string
	period                    time.Duration
}

// query reads a query, as strictly as CloudWatch.
func (s *Server) query(v cbor.Value) (query, error) {
	in, _ := v.(cbor.Map)
	q := query{id: text(in["Id"]), dimensions: map[string]string{}}
	if !ids.MatchString(q.id) {
		return q, invalid("the ID %q", q.id)
	}
	stat, ok := in["MetricStat"].(cbor.Map)
	metric, there := stat["Metric"].(cbor.Map)
	if !ok || !there {
		return q, invalid("%s asks for no metric", q.id)
	}
	q.namespace, q.name, q.stat = text(metric["Namespace"]), text(metric["MetricName"]), text(stat["Stat"])
	if q.namespace == "" || q.name == "" {
		return q, invalid("%s: a metric has a namespace and a name", q.id)
	}
	if statistics()[q.stat] == nil {
		return q, invalid("%s: the statistic %q", q.id, q.stat)
	}
	seconds, err := cbor.AsInt32(stat["Period"])
	if err != nil || seconds <= 0 || seconds%60 != 0 && !slices.Contains([]int32{1, 5, 10, 20, 30}, seconds) {
		return q, invalid("%s: the period %d is no multiple of 60", q.id, seconds)
	}
	q.period = time.Duration(seconds) * time.Second
	dimensions, _ := metric["Dimensions"].(cbor.List)
	if len(dimensions) > maxDimensions {
		return q, invalid("%s: more than %d dimensions", q.id, maxDimensions)
	}
	for _, v := range dimensions {
		d, _ := v.(cbor.Map)
		name, value := text(d["Name"]), text(d["Value"])
		if name == "" || value == "" {
			return q, invalid("%s: a dimension has a name and a value", q.id)
		}
		q.dimensions[name] = value
	}
	return q, nil
}

// old refuses periods that are too short for times long ago.
func (s *Server) old(q query, start time.Time) error {
	ago := s.o.Now().Sub(start)
	switch {
	case ago > 63*24*time.Hour && q.period%time.Hour != 0:
		return invalid("%s: for times over 63 days ago the period is a multiple of 3600", q.id)
	case ago > 15*24*time.Hour && q.period%(5*time.Minute) != 0:
		return invalid("%s: for times over 15 days ago the period is a multiple of 300", q.id)
	case ago > 3*time.Hour && q.period%time.Minute != 0:
		return invalid("%s: for times over 3 hours ago the period is a multiple of 60", q.id)
	}
	return nil
}

// statistics are how what was measured in a period becomes its datum.
func statistics() map[string]func(all []float64) float64 {
	sum := func(all []float64) (total float64) {
		for _, v := range all {
			total += v
		}
		return total
	}
	return map[string]func(all []float64) float64{
		"Sum":         sum,
		"Average":     func(all []float64) float64 { return sum(all) / float64(len(all)) },
		"Maximum":     slices.Max[[]float64],
		"Minimum":     slices.Min[[]float64],
		"SampleCount": func(all []float64) float64 { return float64(len(all)) },
	}
}

// sample returns the data of a query, oldest first: one for each period in which something was measured, as far as it can be
// asked for by now. A metric with more or fewer dimensions is another one.
func (s *Server) sample(q query, start, end time.Time) (times, values cbor.List) {
	times, values = cbor.List{}, cbor.List{}
	i := slices.IndexFunc(s.o.Metrics, func(m Metric) bool {
		return m.Namespace == q.namespace && m.Name == q.name && maps.Equal(m.Dimensions, q.dimensions)
	})
	if i < 0 {
		return times, values
	}
	known := s.o.Now().Add(-s.o.Late)
	for at := start.Truncate(q.period); at.Before(end); at = at.Add(q.period) {
		if at.Before(start) {
			continue
		}
		var all []float64
		for minute := at.Truncate(time.Minute); minute.Before(at.Add(q.period)) && !minute.Add(time.Minute).After(known); minute = minute.Add(time.Minute) {
			all = append(all, s.o.Metrics[i].Minute(minute)...)
		}
		if len(all) > 0 {
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(at.Unix())})
			values = append(values, cbor.Float64(statistics()[q.stat](all)))
		}
	}
	return times, values
}
