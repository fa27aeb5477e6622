package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/engine"
)

// drillMetric counts the events of drills; its series carry the label drill. It is no metric of the process.
const drillMetric = "drill_events"

// export sends what was counted so far by OTLP, through the collector.
func (d *drill) export(ctx context.Context) error {
	md := pmetric.NewMetrics()
	resource := md.ResourceMetrics().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "burnline")
	m := resource.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(drillMetric)
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	now := time.Now()
	for outcome, n := range map[string]int64{"good": d.good, "bad": d.bad} {
		p := sum.DataPoints().AppendEmpty()
		p.SetStartTimestamp(pcommon.NewTimestampFromTime(d.began))
		p.SetTimestamp(pcommon.NewTimestampFromTime(now))
		p.Attributes().PutStr("outcome", outcome)
		p.Attributes().PutStr("drill", strings.TrimPrefix(d.def.ID, alerting.DrillPrefix))
		p.SetIntValue(n)
	}
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		return fmt.Errorf("encode OTLP: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/v1/metrics", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build the OTLP request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	answer := heard{header: http.Header{}, status: http.StatusOK}
	d.parts.collector.OTLP().ServeHTTP(&answer, req)
	if answer.status != http.StatusOK {
		return fmt.Errorf("the collector answers %d %.200q", answer.status, answer.body.String())
	}
	return nil
}

// heard is what a handler answers.
type heard struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heard) Header() http.Header         { return h.header }
func (h *heard) WriteHeader(status int)      { h.status = status }
func (h *heard) Write(b []byte) (int, error) { return h.body.Write(b) }

// undrilledSeries keeps what the engine finds of drills out of the recorded series.
type undrilledSeries struct{ engine.Recorder }

// Record implements engine.Recorder.
func (u undrilledSeries) Record(ctx context.Context, rows []slo.Recorded) error {
	kept := rows[:0:0]
	for _, r := range rows {
		if !alerting.Drilled(r.Labels.Get("slo")) {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return u.Recorder.Record(ctx, kept)
}

// totals is named so that its method of the same name can be embedded.
type totals = engine.Totals

// undrilledTotals keeps the events of drills out of the totals that reports read.
type undrilledTotals struct{ totals }

// SaveTotals implements engine.Totals.
func (u undrilledTotals) SaveTotals(ctx context.Context, some []slo.DayTotals) error {
	kept := some[:0:0]
	for _, d := range some {
		if !alerting.Drilled(d.SLO) {
			kept = append(kept, d)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return u.totals.SaveTotals(ctx, kept)
}
