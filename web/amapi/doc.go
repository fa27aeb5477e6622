// Package amapi is the Alertmanager API v2: Prometheus servers send alerts to it, and amtool and
// Grafana read and silence through it. Its forms are Alertmanager's own.
package amapi
