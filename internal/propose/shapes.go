package propose

import (
	"regexp"
	"slices"
	"strings"

	"burnline/slo"
)

// form is how a metric counts.
type form int

const (
	counter form = iota
	histogram
	gauge
)

// failure tells failed events by a label.
type failure struct {
	label string
	op    slo.MatchOp
	value string
}

// shape is a metric that many services have.
type shape struct {
	// base is a regular expression of the name without _count and _bucket.
	base string
	form form
	// what names the events, and prefix begins the SLOs' names where they are not about
	// what the service is for in the first place.
	what, prefix string
	// fails are the labels that tell failures, the best first; sparse says that the label is
	// only there once something failed.
	fails  []failure
	sparse bool
	// only narrows the series.
	only []slo.Matcher
	// spans is the kind of the spans that the metric was made of.
	spans string
	// rank is when it is taken: a lower one that gives the service anything keeps it out.
	rank int
}

// The ranks: metrics of requests, those made of spans, and whether it runs at all.
const (
	rankOwn = iota
	rankSpans
	rankUp
)

// Statuses of HTTP from 500 on are the service's own fault; so are these of gRPC, by the
// conventions of OpenTelemetry for servers. The numbers are those of the same names.
const (
	serverErrors = "5.."
	grpcNames    = "(?i)unknown|deadline_?exceeded|unimplemented|internal|unavailable|data_?loss"
	grpcNumbers  = "2|4|12|13|14|15"
)

func byStatus(labels ...string) []failure {
	var all []failure
	for _, l := range labels {
		all = append(all, failure{l, slo.MatchRegexp, serverErrors})
	}
	return all
}

// shapes are the known metrics, the best source of a promise first.
func shapes() []shape {
	const unit = "(?:_seconds|_milliseconds)?"
	http := byStatus("http_response_status_code", "http_status_code", "http.response.status_code", "http.status_code")
	rpc := []failure{
		{"rpc_grpc_status_code", slo.MatchRegexp, grpcNumbers}, {"rpc.grpc.status_code", slo.MatchRegexp, grpcNumbers},
		{"rpc_response_status_code", slo.MatchRegexp, grpcNames}, {"rpc.response.status_code", slo.MatchRegexp, grpcNames},
	}
	status := byStatus("code", "status", "status_code", "http_status", "http_status_code", "response_code")
	outcome := []failure{
		{"outcome", slo.MatchRegexp, "(?i)(fail|err|dead).*"}, {"result", slo.MatchRegexp, "(?i)(fail|err|dead).*"},
		{"status", slo.MatchRegexp, "(?i)(fail|err|dead).*"},
	}
	grpc := []failure{{"grpc_code", slo.MatchRegexp, grpcNames}, {"code", slo.MatchRegexp, grpcNames}}
	taken := []failure{{"error_type", slo.MatchNotEqual, ""}, {"error.type", slo.MatchNotEqual, ""}}
	all := []shape{
		{base: "http_server_request_duration" + unit, form: histogram, what: "HTTP requests", fails: http},
		{base: `http\.server\.request\.duration`, form: histogram, what: "HTTP requests", fails: http},
		{base: "http_server_duration" + unit, form: histogram, what: "HTTP requests", fails: http},
		{base: `http\.server\.duration`, form: histogram, what: "HTTP requests", fails: http},
		{base: "(?:[a-z0-9_]+_)?http_requests_total", form: counter, what: "HTTP requests", fails: status},
		{base: "http_server_requests_seconds", form: histogram, what: "HTTP requests", fails: status},
		{base: "(?:[a-z0-9_]+_)?request_duration_seconds", form: histogram, what: "requests", fails: status},
		{base: "rpc_server_(?:call_)?duration" + unit, form: histogram, what: "RPC calls", prefix: "rpc-", fails: rpc},
		{base: `rpc\.server\.(?:call\.)?duration`, form: histogram, what: "RPC calls", prefix: "rpc-", fails: rpc},
		{base: "grpc_server_handled_total", form: counter, what: "gRPC calls", prefix: "rpc-", fails: grpc},
		{base: "grpc_server_handling_seconds", form: histogram, what: "gRPC calls", prefix: "rpc-", fails: grpc},
		{base: "messaging_process_duration" + unit, form: histogram, what: "messages", prefix: "consumer-", fails: taken, sparse: true},
		{base: "messaging_(?:client_)?consumed_messages_total", form: counter, what: "messages", prefix: "consumer-", fails: taken, sparse: true},
		{base: "(?:[a-z0-9_]+_)?(?:jobs|tasks|messages)_(?:processed|consumed|handled)_total", form: counter, what: "messages", prefix: "consumer-", fails: outcome},
		{base: "probe_success", form: gauge, what: "probes", prefix: "probe-"},
		{base: "up", form: gauge, what: "scrapes", prefix: "up-", rank: rankUp},
	}
	for _, s := range []struct{ kind, what, prefix string }{
		{"SPAN_KIND_SERVER", "requests", ""}, {"SPAN_KIND_CONSUMER", "messages", "consumer-"},
	} {
		spans := shape{
			what: s.what, prefix: s.prefix, rank: rankSpans, spans: s.kind, fails: []failure{{"status_code", slo.MatchEqual, "STATUS_CODE_ERROR"}},
			only: []slo.Matcher{{Label: "span_kind", Op: slo.MatchEqual, Value: s.kind}}, sparse: true,
		}
		calls, took := spans, spans
		calls.base, calls.form = "traces_span_?metrics_calls_total", counter
		took.base, took.form = "traces_span_?metrics_(?:duration|latency)"+unit, histogram
		all = append(all, calls, took)
	}
	return all
}

// Names is the regular expression, as a matcher of __name__ takes it, of every metric that is known.
func Names() string {
	var all []string
	for _, s := range shapes() {
		one := s.base
		if s.form == histogram {
			one += "(?:_count|_bucket)?"
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return strings.Join(all, "|")
}

func anchored(expr string) *regexp.Regexp { return regexp.MustCompile("^(?:" + expr + ")$") }

// serviceLabels name the service, the surest first.
func serviceLabels() []string {
	return []string{"service_name", "service.name", "service", "app_kubernetes_io_name", "job"}
}

// Labels are those by which proposals tell the series of a metric apart.
func Labels(name string) []string {
	all := serviceLabels()
	for _, s := range shapes() {
		if _, ok := s.part(name); !ok {
			continue
		}
		for _, f := range s.fails {
			all = append(all, f.label)
		}
		for _, m := range s.only {
			all = append(all, m.Label)
		}
		if s.form == gauge {
			all = append(all, "instance")
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if !strings.Contains(name, ".") { // only servers that keep such names take such labels
		all = slices.DeleteFunc(all, func(l string) bool { return strings.Contains(l, ".") })
	}
	return all
}

// part says which part of the shape a series of this name is: "" for itself, _count or _bucket.
func (s *shape) part(name string) (string, bool) {
	for _, suffix := range []string{"", "_count", "_bucket"} {
		base, cut := strings.CutSuffix(name, suffix)
		if cut && (suffix == "" || s.form == histogram) && anchored(s.base).MatchString(base) && !ofOthers(base) {
			return suffix, true
		}
	}
	return "", false
}

// ofOthers reports whether a metric is of the requests that a service makes: those are promises of others.
func ofOthers(base string) bool {
	return regexp.MustCompile(`(?:^|_)client_(?:[a-z0-9_]+_)?(?:requests_total|request_duration_seconds)$`).MatchString(base)
}
