// Package dashboards writes Grafana dashboards from SLO definitions: an
// overview, one dashboard per SLO, and the files that provision them.
//
// The dashboards show the series that Burnline records (slo_burn_rate,
// slo_error_budget_remaining_ratio and so on) and compute no status of their
// own. Only sdk.go knows the SDK that builds Grafana's JSON.
package dashboards
