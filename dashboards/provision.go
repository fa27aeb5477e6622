package dashboards

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// The data sources that the provisioning files create.
const (
	DatasourceName = "Burnline"
	DatasourceUID  = "burnline"
	// TracesName and TracesUID are the kept traces, as Tempo would answer.
	TracesName = "Burnline traces"
	TracesUID  = "burnline-traces"
	// AlertsName and AlertsUID are the alerts and silences, as Alertmanager would answer.
	AlertsName = "Burnline alerts"
	AlertsUID  = "burnline-alerts"
)

// FolderTitle is the title of the folder in Grafana that the titles of all folders begin with,
// unless told otherwise.
const FolderTitle = "Burnline"

// variableForm is the name of an environment variable, or none.
var variableForm = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)?$`)

// provisionDashboards tells Grafana where the dashboards are, a folder for each kind.
func provisionDashboards(o Options) File {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s; changes are overwritten.\napiVersion: 1\nproviders:\n", Mark)
	for _, k := range Kinds() {
		fmt.Fprintf(&b, `  - name: burnline-%s
    folder: %s
    type: file
    disableDeletion: false
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: %q
`, k, k.Folder(FolderTitle), path.Join(o.GrafanaPath, string(k)))
	}
	return File{Path: "provisioning/dashboards/burnline.yaml", Data: []byte(b.String())}
}

// provisionDatasources makes Burnline's APIs data sources: metrics as Prometheus, traces as Tempo, alerts as
// Alertmanager. The interval is that of the recorded series.
func provisionDatasources(o Options) File {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s; changes are overwritten.\napiVersion: 1\ndatasources:\n", Mark)
	add := func(name, uid, kind, url, more string) {
		fmt.Fprintf(&b, `  - name: %s
    uid: %s
    type: %s
    access: proxy
    url: %q
    editable: false
    jsonData:
%s`, name, uid, kind, o.ExternalURL+url, more)
		if o.TokenVariable != "" {
			fmt.Fprintf(&b, "      httpHeaderName1: Authorization\n    secureJsonData:\n      httpHeaderValue1: Bearer ${%s}\n", o.TokenVariable)
		}
	}
	add(DatasourceName, DatasourceUID, "prometheus", "/prometheus", fmt.Sprintf(`      httpMethod: POST
      timeInterval: 30s
      exemplarTraceIdDestinations:
        - name: trace_id
          datasourceUid: %s
`, TracesUID))
	add(TracesName, TracesUID, "tempo", "/tempo", `      streamingEnabled:
        search: false
`)
	add(AlertsName, AlertsUID, "alertmanager", "/alertmanager", `      implementation: prometheus
`)
	return File{Path: "provisioning/datasources/burnline.yaml", Data: []byte(b.String())}
}
