package dashboards

import "fmt"

// provisionDashboards tells Grafana where the dashboards are.
func provisionDashboards(o Options) File {
	return File{Path: "provisioning/dashboards/burnline.yaml", Data: fmt.Appendf(nil, `# %s; changes are overwritten.
apiVersion: 1
providers:
  - name: burnline
    folder: Burnline
    type: file
    disableDeletion: false
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: %q
`, Mark, o.GrafanaPath)}
}

// provisionDatasource makes Burnline's Prometheus API a data source. The
// interval is that of the recorded series.
func provisionDatasource(o Options) File {
	return File{Path: "provisioning/datasources/burnline.yaml", Data: fmt.Appendf(nil, `# %s; changes are overwritten.
apiVersion: 1
datasources:
  - name: %s
    uid: %s
    type: prometheus
    access: proxy
    url: %q
    editable: false
    jsonData:
      httpMethod: POST
      timeInterval: 30s
`, Mark, DatasourceName, DatasourceUID, o.ExternalURL+"/prometheus")}
}
