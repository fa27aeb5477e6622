// Package web is Burnline's HTTP face: the pages a person reads at three in
// the morning, the JSON API behind them, and the mount points of the
// Prometheus API, the own metrics and the health checks.
//
// It shows what the engine and the ledger of incidents say and computes no
// status of its own. Pages are html/template, made live by one stream of
// server-sent events; everything they load is embedded in the binary.
package web
