package dashboards

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The files sdk*.go are the only ones that know the SDK, because the SDK lets many things
// pass that Grafana refuses or shows wrongly; each has a test in sdk_test.go:
// panels without or with equal ids, panels hidden inside an open row, an empty
// orientation, targets without refId and data source, uids that are too long, a
// null reducer in tables, an error that is not nil on success, and gaps between
// panels. Data sources are a variable, since ${DS_X} inputs resolve in the
// import dialogue only.

// uidForm is what Grafana accepts as the uid of a dashboard.
var uidForm = regexp.MustCompile(`^[a-zA-Z0-9_-]{8,40}$`)

// encode returns the dashboard as Grafana's classic (v1) JSON.
func encode(b board) ([]byte, error) {
	if !uidForm.MatchString(b.UID) {
		return nil, fmt.Errorf("dashboard uid %q: Grafana takes 8 to 40 letters, digits, _ and -", b.UID)
	}
	d := dashboard.NewDashboard()
	d.Uid, d.Title, d.Description = &b.UID, &b.Title, &b.description
	d.Tags = b.tags
	d.Editable = ptr(false)
	d.GraphTooltip = ptr(dashboard.DashboardCursorSyncCrosshair)
	d.Refresh = ptr("30s")
	if b.refresh != "" {
		d.Refresh = &b.refresh
	}
	d.Time = &dashboard.DashboardDashboardTime{From: b.from, To: "now"}
	for _, l := range b.links {
		d.Links = append(d.Links, encodeLink(l))
	}
	d.Templating.List = []dashboard.VariableModel{datasourceModel(prometheusVariable())}
	for _, v := range b.variables {
		d.Templating.List = append(d.Templating.List, variableModel(v))
	}
	for _, m := range b.marks {
		d.Annotations.List = append(d.Annotations.List, encodeMark(m))
	}
	if err := place(d, b.sections); err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", b.Title, err)
	}
	out, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode dashboard %q: %w", b.Title, err)
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

// encodeMark makes an annotation. Values that lie less than its step apart are one, so the step is
// longer than the pause between recorded values.
func encodeMark(m mark) dashboard.AnnotationQuery {
	out := *dashboard.NewAnnotationQuery()
	out.Name, out.IconColor, out.Expr = m.name, m.colour, &m.expr
	out.Datasource = ptr(datasourceRef())
	out.TitleFormat, out.TextFormat, out.TagKeys, out.Step = &m.title, &m.text, &m.tags, ptr("1m")
	out.Placement = nil
	if m.atValue {
		out.UseValueForTime = ptr(true)
	}
	return out
}
