package dashboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/tempo"
)

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
	c := contents{uid: value(d.Uid), title: value(d.Title), editable: d.Editable == nil || *d.Editable, tags: d.Tags}
	if d.Time != nil {
		c.from = d.Time.From
	}
	for _, v := range d.Templating.List {
		c.variables = append(c.variables, choice{
			name: v.Name, datasource: v.Type == dashboard.VariableTypeDatasource, fixed: v.Type == dashboard.VariableTypeConstant,
			query: value(v.Definition), value: initial(v),
		})
	}
	for _, a := range d.Annotations.List {
		c.marks = append(c.marks, readMark(a))
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

func readMark(a dashboard.AnnotationQuery) cell {
	return cell{title: a.Name, asks: []ask{{refID: "A", expr: value(a.Expr), datasource: source(a.Datasource)}}}
}

func readPanel(p dashboard.Panel) cell {
	out := cell{title: value(p.Title), description: value(p.Description), id: value(p.Id), kind: p.Type, grid: gridOf(p.GridPos)}
	if p.FieldConfig != nil {
		out.unit = value(p.FieldConfig.Defaults.Unit)
		if none := value(p.FieldConfig.Defaults.NoValue); none != noData {
			out.empty = none
		}
	}
	switch o := p.Options.(type) {
	case *stat.Options:
		out.unturned = o.Orientation == ""
	case *table.Options:
		out.nulled = o.Footer != nil && o.Footer.Reducer == nil
	}
	for _, t := range p.Targets {
		out.asks = append(out.asks, readTarget(t))
	}
	return out
}

func readTarget(t variants.Dataquery) ask {
	switch q := t.(type) {
	case *prometheus.Dataquery:
		return ask{
			refID: value(q.RefId), expr: q.Expr, instant: value(q.Instant), exemplars: value(q.Exemplar), datasource: source(q.Datasource),
		}
	case *tempo.Dataquery:
		return ask{refID: value(q.RefId), traceQL: value(q.Query), datasource: source(q.Datasource)}
	}
	return ask{}
}

func source(ref *common.DataSourceRef) string {
	if ref == nil {
		return ""
	}
	return value(ref.Uid)
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
