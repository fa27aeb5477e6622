package dashboards

import (
	"net/url"
	"strconv"

	"burnline/slo"
)

// The metrics that the built-in pipeline makes of spans.
const (
	spanCalls    = "traces_span_metrics_calls_total"
	spanDuration = "traces_span_metrics_duration_seconds"
)

// Why a service's dashboard may have nothing to show of its spans.
const (
	noSpans    = "The service sends no spans under this name."
	noCalls    = "The service calls nobody, or sends no spans."
	noFailures = "No trace that failed was kept."
)

// Which spans are requests that a service answers, and which are those that it makes.
const (
	answered = `span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"`
	made     = `span_kind=~"SPAN_KIND_CLIENT|SPAN_KIND_PRODUCER"`
	failed   = `status_code="STATUS_CODE_ERROR"`
)

// service is the dashboard of one service: rate, errors and duration of its spans, and its SLOs.
func service(name string, defs []slo.Definition, o Options) board {
	own := seriesInfo + braces("service="+quoted(name))
	only := " and on (slo) " + own
	at := "service_name=" + quoted(name)
	return board{
		Board:       Board{Name: "service:" + name, Kind: KindServices, UID: serviceUID(name), Title: "Service: " + name},
		from:        "now-3h",
		description: "Rate, errors and duration of the requests that " + name + " answers and makes, from its spans, beside what it promised.",
		tags:        []string{"burnline", "burnline-service", Mark},
		links: []link{
			{title: "All SLOs", url: "/d/" + overviewUID},
			{title: "Traces in Burnline", url: o.ExternalURL + "/traces?" + url.Values{"service": {name}}.Encode(), newTab: true},
		},
		variables: []variable{
			{name: tracesVariable, title: "Traces", datasource: "tempo", description: "Burnline's kept traces, or those of any Tempo."},
			{name: "service", title: "Service", description: "The service of this dashboard, for queries.", fixed: name},
			{name: "operation", title: "Operation", description: "The names of spans that are shown.", label: "span_name", selector: spanCalls + braces(at)},
			windowVariable(of(defs, name)),
		},
		marks: marks("", only, changesOf(name)),
		sections: []section{
			row("What it promised", 7, sloTable(o, only)),
			{title: "Requests that it answers", lines: []line{
				{height: 9, panels: red3(at+","+answered+`,span_name=~"$operation"`, noSpans)},
				{height: 8, panels: []panel{operations(at + "," + answered + `,span_name=~"$operation"`)}},
			}},
			{title: "Requests that it makes", lines: []line{{height: 9, panels: red3(at+","+made, noCalls)}}},
			row("Traces", 9, failingTraces(name), slowTraces(name)),
		},
	}
}

// of are the definitions of a service.
func of(defs []slo.Definition, service string) []slo.Definition {
	var own []slo.Definition
	for i := range defs {
		if defs[i].Service == service {
			own = append(own, defs[i])
		}
	}
	return own
}

// red3 is rate, errors and duration of spans.
func red3(selector, lack string) []panel {
	calls := spanCalls + braces(selector)
	ratio := "sum by (span_name) (" + rate(spanCalls+braces(selector, failed)) + ") / " + sumRateBy("span_name", calls)
	return []panel{
		chart("Rate", "Requests a second, by operation.", "reqps", target{expr: sumRateBy("span_name", calls), legend: "{{span_name}}"}).
			pile().wide(8).mayLack(lack),
		chart("Errors", "Share of requests whose span failed, by operation.", "percentunit",
			target{expr: "(" + ratio + ") or 0 * " + sumRateBy("span_name", calls), legend: "{{span_name}}"}).wide(8).mayLack(lack),
		chart("Duration", "How long requests take; dots are traces to open.", "s",
			target{expr: quantile(0.5, "le", selector), legend: "half are faster"},
			target{expr: quantile(0.95, "le", selector), legend: "95 % are faster", exemplars: true},
			target{expr: quantile(0.99, "le", selector), legend: "99 % are faster"}).wide(8).mayLack(lack),
	}
}

// quantile is a quantile of the duration of spans, by labels that include le.
func quantile(q float64, labels, selector string) string {
	return "histogram_quantile(" + strconv.FormatFloat(q, 'g', -1, 64) + ", " + sumRateBy(labels, spanDuration+"_bucket"+braces(selector)) + ")"
}

// operations lists rate, errors and duration by operation.
func operations(selector string) panel {
	calls := sumRateBy("span_name", spanCalls+braces(selector))
	failing := sumRateBy("span_name", spanCalls+braces(selector, failed))
	return panel{
		kind: kindTable, title: "Operations", unit: "short", width: gridWidth, sortBy: "Errors", empty: noSpans,
		description: "Rate, share of errors and duration of each operation now.",
		targets: []target{
			{expr: calls, instant: true},
			{expr: "(" + failing + " / " + calls + ") or 0 * " + calls, instant: true},
			{expr: quantile(0.95, "le, span_name", selector), instant: true},
		},
		hidden: []string{"Time"},
		columns: []column{
			{field: "span_name", name: "Operation"},
			{field: "Value #A", name: "Rate", unit: "reqps", decimals: ptr(2.0)},
			{field: "Value #B", name: "Errors", unit: "percentunit", decimals: ptr(2.0), thresholds: above(0.01, orange)},
			{field: "Value #C", name: "95 % are faster than", unit: "s"},
		},
	}
}

func failingTraces(name string) panel {
	return panel{
		kind: kindTraces, title: "Traces that failed", unit: "short", width: 12, empty: noFailures,
		description: "The latest kept traces in which a span of the service failed.",
		targets:     []target{{expr: "{ resource.service.name = " + quoted(name) + " && status = error }"}},
	}
}

func slowTraces(name string) panel {
	return panel{
		kind: kindTraces, title: "Traces", unit: "short", width: 12, empty: "No trace of the service was kept.",
		description: "The latest kept traces that the service took part in.",
		targets:     []target{{expr: "{ resource.service.name = " + quoted(name) + " }"}},
	}
}
