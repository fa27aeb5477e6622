// Package remote keeps metrics in another system: any backend that takes
// remote write 1.0 and answers the Prometheus HTTP API, such as Prometheus,
// VictoriaMetrics, Mimir, Cortex or Thanos.
//
// Writes are synchronous: Commit returns after the backend has answered 2xx.
// Reads ask for raw samples by an instant query with a range selector, which
// all engines answer alike, and never take a partial answer for a whole one.
// The Poller hands new samples to the engine, as the tap does for the embedded store.
package remote
