package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// noData stands in a number that has no value, where no panel says more.
const noData = "no data"

// buildPanel builds one panel with everything but its place.
func buildPanel(p panel) (dashboard.Panel, error) {
	var built dashboard.Panel
	var err error
	switch p.kind {
	case kindSeries:
		built, err = buildSeries(p)
	case kindStat:
		built, err = buildStat()
	case kindTable, kindTraces:
		built, err = buildTable(p)
	case kindTimeline:
		built, err = buildTimeline()
	}
	if err != nil {
		return built, err
	}
	built.Title, built.Description = &p.title, &p.description
	built.Datasource = ptr(datasourceRef())
	if p.kind == kindTraces {
		built.Datasource = ptr(tracesRef())
	}
	for i, t := range p.targets {
		built.Targets = append(built.Targets, encodeTarget(t, i, p.kind))
	}
	if p.link != nil {
		built.Links = []dashboard.DashboardLink{encodeLink(*p.link)}
	}
	if built.FieldConfig == nil {
		built.FieldConfig = dashboard.NewFieldConfigSource()
	}
	config := &built.FieldConfig.Defaults
	config.Unit, config.Decimals, config.Min, config.Max = &p.unit, p.decimals, p.min, p.max
	config.Mappings = encodeMappings(p.mappings)
	config.Thresholds = encodeThresholds(p.thresholds)
	if p.empty != "" {
		config.NoValue = &p.empty
	}
	return built, nil
}

func buildSeries(p panel) (dashboard.Panel, error) {
	b := timeseries.NewPanelBuilder().
		LineWidth(2).
		FillOpacity(8).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().
			DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if p.lines {
		b.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	if p.stacked {
		b.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	}
	return b.Build()
}

func buildStat() (dashboard.Panel, error) {
	return stat.NewPanelBuilder().
		Orientation(common.VizOrientationAuto). // the SDK's "" clips the value
		GraphMode(common.BigValueGraphModeNone).
		ColorMode(common.BigValueColorModeValue).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		NoValue(noData).
		Build()
}

func buildTable(p panel) (dashboard.Panel, error) {
	b := table.NewPanelBuilder().
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{})) // null breaks the footer
	if p.sortBy != "" {
		b.SortBy([]cog.Builder[common.TableSortByFieldState]{
			common.NewTableSortByFieldStateBuilder().DisplayName(p.sortBy).Desc(true),
		})
	}
	switch {
	case p.kind == kindTraces: // the data source names and links its columns itself
		return b.Build()
	case p.matrix != nil:
		b.WithTransformation(dashboard.DataTransformerConfig{Id: "groupingToMatrix", Options: map[string]any{
			"columnField": p.matrix.column, "rowField": p.matrix.row, "valueField": "Value", "emptyValue": "null",
		}})
		b.WithTransformation(organize(nil, map[string]any{p.matrix.row + `\` + p.matrix.column: p.matrix.row}, nil))
		return b.Build()
	}
	names, hide := map[string]any{}, map[string]any{}
	order := map[string]any{}
	for i, c := range p.columns {
		names[c.field], order[c.field] = c.name, i
		b.OverrideByName(c.name, encodeColumn(c))
	}
	for _, field := range p.hidden {
		hide[field] = true
	}
	b.WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}})
	b.WithTransformation(organize(hide, names, order))
	return b.Build()
}

// organize hides, renames and orders the columns of a table.
func organize(hide, names, order map[string]any) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": orEmpty(hide), "indexByName": orEmpty(order), "renameByName": orEmpty(names),
	}}
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func buildTimeline() (dashboard.Panel, error) {
	return statetimeline.NewPanelBuilder().
		ShowValue(common.VisibilityModeNever).
		RowHeight(0.8).
		Legend(common.NewVizLegendOptionsBuilder().
			DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle).Sort(common.SortOrderNone)).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Build()
}
