package alerting

// The origins of outside alerts.
const (
	// OriginRules are Burnline's own runs of rule files. They say themselves when an
	// alert is over, so it never expires.
	OriginRules = "rules"
	// OriginAPI is Alertmanager's API. An alert of it ends when its sender falls silent,
	// as in Alertmanager.
	OriginAPI = "alertmanager"
)

// MaxAlertBytes bounds the labels and annotations of one outside alert, names and
// values together.
const MaxAlertBytes = 64 << 10
