// Package shop is a small web shop made to be watched: storefront, checkout
// and payment are real HTTP services on loopback, each in two regions,
// instrumented with OpenTelemetry and exporting OTLP. Simulated customers
// browse and buy, and a switch makes payment fail or drag in one region.
//
// It shows Burnline on real telemetry, and it is a pattern to copy: the only
// thing that a service does for Burnline is to export OTLP.
package shop
