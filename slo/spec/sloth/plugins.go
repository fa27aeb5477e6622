package sloth

import (
	"fmt"
	"strings"
)

// counts are the counters that one of Sloth's common plugins divides. Bad is empty where bad
// is total without good.
type counts struct{ bad, good, total string }

// common returns the plugins that Sloth's users share (sloth-common-sli-plugins), by their names
// without the prefix. FILTER stands for the options' filter, BUCKET for their bucket.
func common() map[string]counts {
	return map[string]counts{
		"coredns/availability":                  {bad: `coredns_dns_responses_total{rcode="SERVFAIL"FILTER}`, total: `coredns_dns_responses_total{FILTER}`},
		"coredns/latency":                       {good: `coredns_dns_request_duration_seconds_bucket{le="BUCKET"FILTER}`, total: `coredns_dns_request_duration_seconds_count{FILTER}`},
		"haproxy/frontend/availability":         {bad: `haproxy_frontend_http_responses_total{code="5xx"FILTER}`, total: `haproxy_frontend_http_responses_total{FILTER}`},
		"istio/v1/availability":                 {bad: `istio_requests_total{response_code=~"(5..|429)"FILTER}`, total: `istio_requests_total{FILTER}`},
		"istio/v1/latency":                      {good: `istio_request_duration_milliseconds_bucket{le="BUCKET"FILTER}`, total: `istio_request_duration_milliseconds_count{FILTER}`},
		"kubernetes/apiserver/availability":     {bad: `apiserver_request_total{code=~"(5..|429)"FILTER}`, total: `apiserver_request_total{FILTER}`},
		"kubernetes/apiserver/latency":          {good: `apiserver_request_duration_seconds_bucket{verb!="WATCH",le="BUCKET"FILTER}`, total: `apiserver_request_duration_seconds_count{verb!="WATCH"FILTER}`},
		"kubernetes/nginx-ingress/availability": {bad: `nginx_ingress_controller_requests{status=~"(5..|429)"FILTER}`, total: `nginx_ingress_controller_requests{FILTER}`},
		"slok-go-http-metrics/availability":     {bad: `http_request_duration_seconds_count{code=~"(5..|429)"FILTER}`, total: `http_request_duration_seconds_count{FILTER}`},
		"slok-go-http-metrics/latency":          {good: `http_request_duration_seconds_bucket{le="BUCKET"FILTER}`, total: `http_request_duration_seconds_count{FILTER}`},
		"traefik/v2/availability":               {bad: `traefik_service_requests_total{code=~"(5..|429)"FILTER}`, total: `traefik_service_requests_total{FILTER}`},
		"traefik/v2/latency":                    {good: `traefik_service_request_duration_seconds_bucket{le="BUCKET"FILTER}`, total: `traefik_service_request_duration_seconds_count{FILTER}`},
	}
}

// replacement says what to write instead of a plugin.
func replacement(p plugin) string {
	c, known := common()[strings.TrimPrefix(p.ID, "sloth-common/")]
	if !known {
		return "write the query that it makes as sli.raw.error_ratio_query; sloth generate prints it as slo:sli_error:ratio_rate5m"
	}
	if c.bad == "" {
		good, total := c.rate(c.good, p), c.rate(c.total, p)
		return fmt.Sprintf("write sli.raw.error_ratio_query: 1 - %s / %s", good, total)
	}
	return fmt.Sprintf("write sli.events, with error_query: %s and total_query: %s", c.rate(c.bad, p), c.rate(c.total, p))
}

func (c counts) rate(selector string, p plugin) string {
	filter := strings.Trim(p.Options["filter"], "{}, ")
	if filter != "" && !strings.Contains(selector, "{FILTER") {
		filter = "," + filter
	}
	selector = strings.ReplaceAll(selector, "BUCKET", p.Options["bucket"])
	return "sum(rate(" + strings.TrimSuffix(strings.ReplaceAll(selector, "FILTER", filter), "{}") + "[{{.window}}]))"
}
