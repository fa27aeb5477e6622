// Package runner runs users' own Prometheus rule files: Prometheus' rule manager
// evaluates them on the metric store, recorded series pass the store's one door,
// and alerts take the way of every other incident. docs/rules.md explains it.
package runner
