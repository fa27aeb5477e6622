package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// service is a customer-facing service: steady requests, a counter
// bench_requests_total{code}, an export at a fixed interval.
type service struct {
	name string
	// started is when it began to count; breaks is when all requests begin to fail.
	started, breaks time.Time
	// rate is requests per second.
	rate float64
}

// counts returns how many requests had succeeded and failed by a moment.
func (s *service) counts(at time.Time) (good, bad int64) {
	total := int64(math.Floor(at.Sub(s.started).Seconds() * s.rate))
	good = total
	if at.After(s.breaks) {
		good = int64(math.Floor(s.breaks.Sub(s.started).Seconds() * s.rate))
	}
	return good, total - good
}

// observe adds the service's counter as it stood at the given moments. Like
// any SDK's, the counter has no series for a code that has not occurred.
func (s *service) observe(md pmetric.Metrics, moments ...time.Time) {
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", s.name)
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("bench.requests")
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	for _, at := range moments {
		good, bad := s.counts(at)
		s.point(sum, at, "200", good)
		if bad > 0 {
			s.point(sum, at, "500", bad)
		}
	}
}

func (s *service) point(sum pmetric.Sum, at time.Time, code string, v int64) {
	p := sum.DataPoints().AppendEmpty()
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(s.started))
	p.SetTimestamp(pcommon.NewTimestampFromTime(at))
	p.Attributes().PutStr("code", code)
	p.SetIntValue(v)
}

// export sends metrics by OTLP over HTTP; whatever is not taken whole is an error.
func export(ctx context.Context, address string, md pmetric.Metrics) error {
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		return fmt.Errorf("encode OTLP: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/metrics", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build OTLP request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("send OTLP: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("send OTLP: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("send OTLP: answered %s: %s", resp.Status, answer)
	}
	result := pmetricotlp.NewExportResponse()
	if err := result.UnmarshalProto(answer); err != nil {
		return fmt.Errorf("decode OTLP answer: %w", err)
	}
	if n := result.PartialSuccess().RejectedDataPoints(); n > 0 {
		return fmt.Errorf("send OTLP: %d points refused: %s", n, result.PartialSuccess().ErrorMessage())
	}
	return nil
}
