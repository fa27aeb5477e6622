package datacheck

import (
	"context"

	"burnline/slo"
)

// spans compares an SLI on spans with the counters that the collector makes of them.
// They begin with the SLO, so that only a server that runs with it can have any.
func (c *checker) spans(ctx context.Context) error {
	const path = "spec.sli.spans"
	total := c.d.Counters().Total[0].Selector
	series, err := c.read(ctx, total, period)
	if err != nil {
		return err
	}
	if len(series) > 0 {
		c.groups(path, series)
		return nil
	}
	service := c.d.SLI.Spans.Service
	sent, err := c.sendsSpans(ctx, service)
	switch {
	case err != nil:
		return err
	case sent:
		c.add(slo.LevelWarning, path, "look at where, if the server runs with this SLO already",
			"the service %s sends spans, and none of them was counted within a day: an SLO on spans counts from when the server has it", service)
	default:
		c.add(slo.LevelWarning, path, "have the service send traces to Burnline's OTLP endpoint, or write the service.name that its spans have",
			"no spans of the service %s came within a day", service)
	}
	return nil
}

// sendsSpans reports whether span metrics know the service.
func (c *checker) sendsSpans(ctx context.Context, service string) (bool, error) {
	for _, name := range []string{"traces_span_metrics_calls_total", "traces_spanmetrics_calls_total"} {
		series, err := c.read(ctx, slo.Selector{Name: name, Matchers: []slo.Matcher{{Label: "service_name", Op: slo.MatchEqual, Value: service}}}, period)
		if err != nil || len(series) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}
