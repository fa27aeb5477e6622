package dashboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// This is the only file that knows the SDK, because the SDK lets many things
// pass that Grafana refuses or shows wrongly; each has a test in sdk_test.go:
// panels without or with equal ids, panels hidden inside an open row, an empty
// orientation, targets without refId and data source, uids that are too long, a
// null reducer in tables, an error that is not nil on success, and gaps between
// panels. Data sources are a variable, since ${DS_X} inputs resolve in the
// import dialogue only.

// datasourceVariable is the variable that chooses the data source.
const datasourceVariable = "datasource"

// uidForm is what Grafana accepts as the uid of a dashboard.
var uidForm = regexp.MustCompile(`^[a-zA-Z0-9_-]{8,40}$`)

// encode returns the dashboard as Grafana's classic (v1) JSON.
func encode(b board) ([]byte, error) {
	if !uidForm.MatchString(b.uid) {
		return nil, fmt.Errorf("dashboard uid %q: Grafana takes 8 to 40 letters, digits, _ and -", b.uid)
	}
	d := dashboard.NewDashboard()
	d.Uid, d.Title, d.Description = &b.uid, &b.title, &b.description
	d.Tags = b.tags
	d.Editable = ptr(false)
	d.GraphTooltip = ptr(dashboard.DashboardCursorSyncCrosshair)
	d.Refresh = ptr("30s")
	d.Time = &dashboard.DashboardDashboardTime{From: b.from, To: "now"}
	for _, l := range b.links {
		d.Links = append(d.Links, encodeLink(l))
	}
	d.Templating.List = []dashboard.VariableModel{datasourceModel()}
	for _, v := range b.variables {
		d.Templating.List = append(d.Templating.List, queryModel(v))
	}
	if err := place(d, b.sections); err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", b.title, err)
	}
	out, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode dashboard %q: %w", b.title, err)
	}
	return append(out, '\n'), nil
}

// place puts rows and panels onto the grid. Ids count up from 1 over both: an id
// of 0, a missing or a doubled one makes Grafana lose the panel. Rows stay open
// and empty, and their panels follow them: a panel inside an open row is
// invisible.
func place(d *dashboard.Dashboard, sections []section) error {
	var id, y uint32
	for _, s := range sections {
		if s.title != "" {
			id++
			row := dashboard.NewRowPanel()
			row.Id, row.Title = id, ptr(s.title)
			row.GridPos = &dashboard.GridPos{X: 0, Y: y, W: gridWidth, H: 1}
			d.Panels = append(d.Panels, dashboard.PanelOrRowPanel{RowPanel: row})
			y++
		}
		for _, l := range s.lines {
			var x uint32
			for _, p := range l.panels {
				id++
				built, err := buildPanel(p)
				if err != nil {
					return fmt.Errorf("panel %q: %w", p.title, err)
				}
				built.Id = ptr(id)
				built.GridPos = &dashboard.GridPos{X: x, Y: y, W: p.width, H: l.height}
				d.Panels = append(d.Panels, dashboard.PanelOrRowPanel{Panel: &built})
				x += p.width
			}
			if x != gridWidth {
				return fmt.Errorf("the line in %q is %d columns wide, not %d", s.title, x, gridWidth)
			}
			y += l.height
		}
	}
	return nil
}

// buildPanel builds one panel with everything but its place.
func buildPanel(p panel) (dashboard.Panel, error) {
	var built dashboard.Panel
	var err error
	switch p.kind {
	case kindSeries:
		built, err = buildSeries(p)
	case kindStat:
		built, err = buildStat(p)
	case kindTable:
		built, err = buildTable(p)
	case kindTimeline:
		built, err = buildTimeline(p)
	}
	if err != nil {
		return built, err
	}
	built.Title, built.Description = &p.title, &p.description
	built.Datasource = ptr(datasourceRef())
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

func buildStat(panel) (dashboard.Panel, error) {
	return stat.NewPanelBuilder().
		Orientation(common.VizOrientationAuto). // the SDK's "" clips the value
		GraphMode(common.BigValueGraphModeNone).
		ColorMode(common.BigValueColorModeValue).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		NoValue("no data").
		Build()
}

func buildTable(p panel) (dashboard.Panel, error) {
	b := table.NewPanelBuilder().
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{})) // null breaks the footer
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
	b.WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": hide, "indexByName": order, "renameByName": names,
	}})
	return b.Build()
}

func buildTimeline(panel) (dashboard.Panel, error) {
	return statetimeline.NewPanelBuilder().
		ShowValue(common.VisibilityModeNever).
		RowHeight(0.8).
		Legend(common.NewVizLegendOptionsBuilder().
			DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true).Calcs([]string{})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle).Sort(common.SortOrderNone)).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		Build()
}

// encodeTarget names the query and its data source: Grafana needs both, the
// SDK leaves them out.
func encodeTarget(t target, i int, k kind) prometheus.Dataquery {
	q := *prometheus.NewDataquery()
	q.RefId = ptr(string(rune('A' + i)))
	q.Datasource = ptr(datasourceRef())
	q.Expr = t.expr
	q.EditorMode = ptr(prometheus.QueryEditorModeCode)
	q.Instant, q.Range = ptr(t.instant), ptr(!t.instant)
	q.Format = ptr(prometheus.PromQueryFormatTimeSeries)
	if k == kindTable {
		q.Format = ptr(prometheus.PromQueryFormatTable)
	}
	if t.legend != "" {
		q.LegendFormat = &t.legend
	}
	return q
}

func encodeLink(l link) dashboard.DashboardLink {
	out := *dashboard.NewDashboardLink()
	if l.tag != "" {
		out.Title, out.Tags, out.AsDropdown, out.KeepTime = l.title, []string{l.tag}, true, true
		out.Type, out.Icon = dashboard.DashboardLinkTypeDashboards, "external link"
		return out
	}
	out.Title, out.Url, out.TargetBlank = l.title, ptr(l.url), l.newTab
	out.Type, out.Icon = dashboard.DashboardLinkTypeLink, "external link"
	return out
}

func encodeThresholds(ts []threshold) *dashboard.ThresholdsConfig {
	out := &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: []dashboard.Threshold{}}
	if len(ts) == 0 {
		ts = []threshold{{nil, grey}}
	}
	for _, t := range ts {
		out.Steps = append(out.Steps, dashboard.Threshold{Value: t.from, Color: t.colour})
	}
	return out
}

func encodeMappings(ms []mapping) []dashboard.ValueMapping {
	if len(ms) == 0 {
		return nil
	}
	values := dashboard.NewValueMap()
	for i, m := range ms {
		values.Options[m.value] = dashboard.ValueMappingResult{Text: ptr(m.text), Color: ptr(m.colour), Index: ptr(int32(i))}
	}
	return []dashboard.ValueMapping{{ValueMap: values}}
}

// encodeColumn returns the field settings of a table's column.
func encodeColumn(c column) []dashboard.DynamicConfigValue {
	var out []dashboard.DynamicConfigValue
	set := func(id string, value any) { out = append(out, dashboard.DynamicConfigValue{Id: id, Value: value}) }
	if c.unit != "" {
		set("unit", c.unit)
	}
	if c.decimals != nil {
		set("decimals", *c.decimals)
	}
	if len(c.thresholds) > 0 {
		set("thresholds", encodeThresholds(c.thresholds))
	}
	if len(c.mappings) > 0 {
		set("mappings", encodeMappings(c.mappings))
	}
	if len(c.thresholds)+len(c.mappings) > 0 {
		set("custom.cellOptions", map[string]any{"type": "color-text"})
	}
	if c.link != nil {
		set("links", []any{map[string]any{"title": c.link.title, "url": c.link.url, "targetBlank": c.link.newTab}})
	}
	return out
}

func datasourceRef() common.DataSourceRef {
	return common.DataSourceRef{Type: ptr("prometheus"), Uid: ptr("${" + datasourceVariable + "}")}
}

func datasourceModel() dashboard.VariableModel {
	v := *dashboard.NewVariableModel()
	v.Type, v.Name, v.Label = dashboard.VariableTypeDatasource, datasourceVariable, ptr("Data source")
	v.Description = ptr("Burnline itself or any Prometheus that keeps its recorded series.")
	v.Query = &dashboard.StringOrMap{String: ptr("prometheus")}
	v.Refresh = ptr(dashboard.VariableRefreshOnDashboardLoad)
	v.Current = option(DatasourceName, DatasourceUID)
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

// registerPlugins lets the strict decoder check options and targets. The SDK
// keeps them in a variable of its own that is not safe to write twice at once.
var registerPlugins = sync.OnceFunc(plugins.RegisterDefaultPlugins)

// decode reads a dashboard and refuses every field that Grafana does not have.
// It reads twice: the strict decoder checks, but loses the panels.
func decode(data []byte) (*dashboard.Dashboard, error) {
	registerPlugins()
	err := new(dashboard.Dashboard).UnmarshalJSONStrict(data)
	// On success the SDK returns an empty list of errors that is not nil.
	var list cog.BuildErrors
	if errors.As(err, &list) && len(list) == 0 {
		err = nil
	}
	d := &dashboard.Dashboard{}
	if err == nil {
		err = json.Unmarshal(data, d)
	}
	if err != nil {
		return nil, fmt.Errorf("decode the dashboard: %w", err)
	}
	return d, nil
}

// read takes out of a decoded dashboard what the rules and Queries look at.
func read(data []byte) (contents, error) {
	d, err := decode(data)
	if err != nil {
		return contents{}, err
	}
	c := contents{uid: value(d.Uid), editable: d.Editable == nil || *d.Editable, tags: d.Tags}
	for _, v := range d.Templating.List {
		c.variables = append(c.variables, choice{
			name: v.Name, datasource: v.Type == dashboard.VariableTypeDatasource, query: value(v.Definition), value: initial(v),
		})
	}
	for _, p := range d.Panels {
		if r := p.RowPanel; r != nil {
			c.cells = append(c.cells, cell{title: value(r.Title), id: r.Id, grid: gridOf(r.GridPos), row: true, hides: r.Collapsed || len(r.Panels) > 0})
		}
		if p.Panel != nil {
			c.cells = append(c.cells, readPanel(*p.Panel))
		}
	}
	return c, nil
}

func readPanel(p dashboard.Panel) cell {
	out := cell{title: value(p.Title), description: value(p.Description), id: value(p.Id), grid: gridOf(p.GridPos)}
	if p.FieldConfig != nil {
		out.unit = value(p.FieldConfig.Defaults.Unit)
	}
	for _, t := range p.Targets {
		q, ok := t.(*prometheus.Dataquery)
		if !ok {
			out.asks = append(out.asks, ask{})
			continue
		}
		a := ask{refID: value(q.RefId), expr: q.Expr, instant: value(q.Instant)}
		if q.Datasource != nil {
			a.datasource = value(q.Datasource.Uid)
		}
		out.asks = append(out.asks, a)
	}
	return out
}

func gridOf(g *dashboard.GridPos) grid {
	if g == nil {
		return grid{}
	}
	return grid{x: g.X, y: g.Y, w: g.W, h: g.H}
}

// initial returns the value of a variable when the dashboard opens.
func initial(v dashboard.VariableModel) string {
	if v.Current == nil {
		return ""
	}
	if chosen := value(v.Current.Value.String); chosen != "$__all" {
		return chosen
	}
	return value(v.AllValue)
}

// value returns what p points to, or the zero value.
func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
