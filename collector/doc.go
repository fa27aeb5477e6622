// Package collector runs the OpenTelemetry Collector inside Burnline: it
// takes in OTLP, and its own exporters write metrics straight into the metric
// store and keep sampled traces.
//
// The pipeline is ordinary OpenTelemetry Collector YAML. The built-in one is
// default.yaml; a user's own file replaces it whole. A client is answered
// with success only after its metrics are committed, so no queue and no batch
// stands before the store. docs/collector.md describes all of it for users.
package collector
