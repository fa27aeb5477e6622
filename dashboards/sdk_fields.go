package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

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
