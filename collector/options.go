package collector

import (
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/slo"
)

//go:embed default.yaml
var defaultConfig []byte

// DefaultConfig returns the built-in pipeline as commented YAML.
func DefaultConfig() []byte { return append([]byte(nil), defaultConfig...) }

// The endpoints of OTLP where nothing else is said.
const (
	DefaultGRPC = "127.0.0.1:4317"
	DefaultHTTP = "127.0.0.1:4318"
)

// TraceSink keeps traces. The traces are the caller's: the sink must not
// change them, nor read them after it has returned.
type TraceSink interface {
	Append(ctx context.Context, traces ptrace.Traces) error
}

// Options are what a Collector is built from.
type Options struct {
	// Config is the pipeline as OpenTelemetry Collector YAML; nil stands for
	// the built-in one.
	Config []byte
	// GRPC and HTTP are the OTLP endpoints that ${burnline:otlp_grpc} and
	// ${burnline:otlp_http} expand to. Default 127.0.0.1:4317 and :4318.
	GRPC, HTTP string
	// TLS is what the ports of burnline_otlp speak where the pipeline does not say otherwise; nil is plain.
	TLS *tls.Config
	// Guard lets senders in by these ports; nil lets in everybody, which only ports that nobody but this
	// machine reaches may do, unless Open says that others may too.
	Guard Guard
	Open  bool
	// RemoteWrite is the address that takes remote write, for who sends that to a port of OTLP; nil names none.
	RemoteWrite func() string
	// Metrics is the metric store. Its appenders drop and count samples that
	// can't be stored and tell how many by Rejected() (int, string); any error
	// of theirs means that nothing of the batch is stored.
	Metrics storage.AppendableV2
	// Instance is a label of the counters of judged spans, by which nodes that write to one metric store are
	// told apart; "" is for a store of one node.
	Instance string
	// Traces keeps sampled traces; nil keeps none.
	Traces TraceSink
	// Sink is shown every span that an SLO judges; nil shows none. Compare names the attributes whose
	// values it is given, Customer the one that says who was served, and Hash makes a number of its
	// value.
	Sink     slo.SpanSink
	Compare  []string
	Customer string
	Hash     func(string) uint64
	// PromoteResourceAttributes become labels of every metric of the resource.
	// Nil stands for DefaultPromotedAttributes.
	PromoteResourceAttributes []string
	// Version is Burnline's version, as the pipeline's components report it.
	Version string
	// Versions is told which versions services have by the resources of metrics and spans, for
	// each of them; it must be quick. Nil is not told.
	Versions func(service, version string)
	// Logger takes the pipeline's log. Default: none.
	Logger *slog.Logger
	// Registerer takes Burnline's counters and the metrics of the pipeline's
	// components (otelcol_…). Default: none.
	Registerer prometheus.Registerer
}

// DefaultPromotedAttributes are the resource attributes that become labels:
// those by which people slice SLOs and that change seldom. Everything else is
// in target_info; service.name and service.instance.id are also job and
// instance.
func DefaultPromotedAttributes() []string {
	return []string{
		"service.name",
		"service.namespace",
		"service.version",
		"deployment.environment.name",
		"deployment.environment",
		"cloud.region",
		"cloud.availability_zone",
		"k8s.cluster.name",
		"k8s.namespace.name",
	}
}

func (o *Options) setDefaults() error {
	if o.Metrics == nil {
		return errors.New("collector: no metric store is given")
	}
	if o.Config == nil {
		o.Config = defaultConfig
	}
	if o.GRPC == "" {
		o.GRPC = DefaultGRPC
	}
	if o.HTTP == "" {
		o.HTTP = DefaultHTTP
	}
	if o.Traces == nil {
		o.Traces = noTraces{}
	}
	if o.PromoteResourceAttributes == nil {
		o.PromoteResourceAttributes = DefaultPromotedAttributes()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// noTraces keeps nothing.
type noTraces struct{}

func (noTraces) Append(context.Context, ptrace.Traces) error { return nil }
