// Package promapi is the Prometheus HTTP API, so that Grafana and every other
// Prometheus client can read from Burnline, and Prometheus servers and agents can
// write into it. Reading is upstream's own code over the embedded store, or a
// proxy to the remote backend; writing is Burnline's, because a success is only
// told after the commit.
package promapi
