package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/tempo"
)

const (
	// datasourceVariable is the variable that chooses the data source of metrics.
	datasourceVariable = "datasource"
	// tracesVariable is the variable that chooses the data source of traces.
	tracesVariable = "traces"
)

// mostTraces is how many traces a panel lists.
const mostTraces = 20

// encodeTarget names the query and its data source: Grafana needs both, the
// SDK leaves them out.
func encodeTarget(t target, i int, k kind) variants.Dataquery {
	name := ptr(string(rune('A' + i)))
	if k == kindTraces {
		q := *tempo.NewDataquery()
		q.RefId, q.Datasource = name, ptr(tracesRef())
		q.QueryType, q.Query, q.Limit = ptr("traceql"), &t.expr, ptr(int64(mostTraces))
		q.TableType = ptr(tempo.SearchTableTypeTraces)
		return q
	}
	q := *prometheus.NewDataquery()
	q.RefId, q.Datasource = name, ptr(datasourceRef())
	q.Expr = t.expr
	q.EditorMode = ptr(prometheus.QueryEditorModeCode)
	q.Instant, q.Range = ptr(t.instant), ptr(!t.instant)
	q.Format = ptr(prometheus.PromQueryFormatTimeSeries)
	if t.exemplars {
		q.Exemplar = ptr(true)
	}
	if k == kindTable {
		q.Format = ptr(prometheus.PromQueryFormatTable)
	}
	if t.legend != "" {
		q.LegendFormat = &t.legend
	}
	return q
}

func datasourceRef() common.DataSourceRef {
	return common.DataSourceRef{Type: ptr("prometheus"), Uid: ptr("${" + datasourceVariable + "}")}
}

func tracesRef() common.DataSourceRef {
	return common.DataSourceRef{Type: ptr("tempo"), Uid: ptr("${" + tracesVariable + "}")}
}

// prometheusVariable chooses whose metrics are shown; every dashboard has it.
func prometheusVariable() variable {
	return variable{
		name: datasourceVariable, title: "Data source", datasource: "prometheus",
		description: "Burnline itself or any Prometheus that keeps its recorded series.",
	}
}

// variableModel makes a choice of Grafana's.
func variableModel(v variable) dashboard.VariableModel {
	switch {
	case v.datasource != "":
		return datasourceModel(v)
	case v.label == "":
		return constantModel(v)
	}
	return queryModel(v)
}

func datasourceModel(d variable) dashboard.VariableModel {
	v := *dashboard.NewVariableModel()
	v.Type, v.Name, v.Label = dashboard.VariableTypeDatasource, d.name, &d.title
	v.Description = &d.description
	v.Query = &dashboard.StringOrMap{String: &d.datasource}
	v.Refresh = ptr(dashboard.VariableRefreshOnDashboardLoad)
	v.Current = option(DatasourceName, DatasourceUID)
	if d.datasource == "tempo" {
		v.Current = option(TracesName, TracesUID)
	}
	return v
}

func constantModel(c variable) dashboard.VariableModel {
	v := *dashboard.NewVariableModel()
	v.Type, v.Name, v.Label, v.Description = dashboard.VariableTypeConstant, c.name, &c.title, &c.description
	v.Hide = ptr(dashboard.VariableHideHideVariable)
	v.Query = &dashboard.StringOrMap{String: &c.fixed}
	v.Current = option(c.fixed, c.fixed)
	return v
}

func queryModel(q variable) dashboard.VariableModel {
	v := *dashboard.NewVariableModel()
	query := fmt.Sprintf("label_values(%s, %s)", q.selector, q.label)
	v.Type, v.Name, v.Label, v.Description = dashboard.VariableTypeQuery, q.name, ptr(q.title), ptr(q.description)
	v.Query = &dashboard.StringOrMap{Map: map[string]any{"qryType": 1, "query": query, "refId": "variable-" + q.name}}
	v.Definition, v.Datasource = &query, ptr(datasourceRef())
	v.Refresh, v.Sort = ptr(dashboard.VariableRefreshOnTimeRangeChanged), ptr(dashboard.VariableSortNaturalAsc)
	if q.chosen != "" {
		v.Current = option(q.chosen, q.chosen)
		return v
	}
	v.Multi, v.IncludeAll, v.AllValue = ptr(true), ptr(true), ptr(".*")
	v.Current = option("All", "$__all")
	return v
}

func option(text, value string) *dashboard.VariableOption {
	return &dashboard.VariableOption{
		Selected: ptr(true),
		Text:     dashboard.StringOrArrayOfString{String: &text},
		Value:    dashboard.StringOrArrayOfString{String: &value},
	}
}
