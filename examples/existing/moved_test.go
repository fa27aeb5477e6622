package existing

import (
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"burnline/internal/auth"
)

// moved is the body of a request with every moment in it later by so much.
func moved(q request, by time.Duration) ([]byte, error) {
	if q.Way == auth.FeedOTLPGRPC {
		message := pmetricotlp.NewExportRequest()
		if err := message.UnmarshalProto(q.Body); err != nil {
			return nil, err
		}
		for _, resource := range message.Metrics().ResourceMetrics().All() {
			for _, scope := range resource.ScopeMetrics().All() {
				for _, metric := range scope.Metrics().All() {
					moveMetric(metric, by)
				}
			}
		}
		return message.MarshalProto()
	}
	data, err := snappy.Decode(nil, q.Body)
	if err != nil {
		return nil, err
	}
	var message prompb.WriteRequest
	if err := message.Unmarshal(data); err != nil {
		return nil, err
	}
	for i := range message.Timeseries {
		for j := range message.Timeseries[i].Samples {
			message.Timeseries[i].Samples[j].Timestamp += by.Milliseconds()
		}
	}
	data, err = message.Marshal()
	return snappy.Encode(nil, data), err
}

// moveMetric moves the points of a metric.
func moveMetric(metric pmetric.Metric, by time.Duration) {
	switch metric.Type() {
	case pmetric.MetricTypeGauge:
		for _, point := range metric.Gauge().DataPoints().All() {
			movePoint(point, by)
		}
	case pmetric.MetricTypeSum:
		for _, point := range metric.Sum().DataPoints().All() {
			movePoint(point, by)
		}
	case pmetric.MetricTypeHistogram:
		for _, point := range metric.Histogram().DataPoints().All() {
			movePoint(point, by)
		}
	default: // k6 has no others
	}
}

// point is one with a moment and a start.
type point interface {
	Timestamp() pcommon.Timestamp
	SetTimestamp(at pcommon.Timestamp)
	StartTimestamp() pcommon.Timestamp
	SetStartTimestamp(at pcommon.Timestamp)
}

func movePoint(p point, by time.Duration) {
	p.SetTimestamp(pcommon.NewTimestampFromTime(p.Timestamp().AsTime().Add(by)))
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(p.StartTimestamp().AsTime().Add(by)))
}
