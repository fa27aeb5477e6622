package grafana

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// passedOver are keys that say nothing of what a dashboard shows: Grafana's own counts, and the numbers of
// panels, which change with every panel that is added above.
func passedOver(key string) bool { return key == "id" || key == "version" || key == "iteration" }

// longest is how long a value may be in a line.
const longest = 120

// difference says in lines what changes from one dashboard to another: + for what comes, - for what
// goes, ~ for what changes. Panels, targets and variables are named, not counted; a panel that comes or goes is one line.
func difference(from, to map[string]any) []string {
	before, after := map[string]string{}, map[string]string{}
	flatten("", from, before)
	flatten("", to, after)
	had, has := panels(before), panels(after)
	paths := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(paths)
	var lines []string
	for _, path := range slices.Compact(paths) {
		old, was := before[path]
		now, is := after[path]
		panel := panelOf(path)
		line := ""
		switch {
		case panel != "" && !had[panel]:
			line = "+ " + panel
		case panel != "" && !has[panel]:
			line = "- " + panel
		case was && is && old != now:
			same := alike(old, now)
			line = fmt.Sprintf("~ %s: %s → %s", path, cut(old, same), cut(now, same))
		case was && !is:
			line = fmt.Sprintf("- %s: %s", path, cut(old, 0))
		case is && !was:
			line = fmt.Sprintf("+ %s: %s", path, cut(now, 0))
		}
		if line != "" && (len(lines) == 0 || lines[len(lines)-1] != line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// alike is with how many signs two texts begin alike.
func alike(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}

// cut shortens a long value to the part around the sign of a number, which is where it begins to differ.
func cut(text string, at int) string {
	all := []rune(text)
	if len(all) <= longest {
		return text
	}
	from := min(max(0, at-longest/4), len(all)-longest)
	short := string(all[from : from+longest])
	if from > 0 {
		short = "…" + short
	}
	if from+longest < len(all) {
		short += "…"
	}
	return short
}

// panels are those that values stand in.
func panels(values map[string]string) map[string]bool {
	all := map[string]bool{}
	for path := range values {
		all[panelOf(path)] = true
	}
	return all
}

// panelOf returns the panel that a path is in, or "".
func panelOf(path string) string {
	if end := strings.Index(path, "]."); end >= 0 && strings.HasPrefix(path, "panels[") {
		return path[:end+1]
	}
	return ""
}

// flatten writes every value of a tree under its path.
func flatten(path string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if !passedOver(key) {
				flatten(strings.TrimPrefix(path+"."+key, "."), inner, into)
			}
		}
	case []any:
		taken := map[string]int{}
		for i, inner := range v {
			name := nameOf(inner, i)
			if taken[name]++; taken[name] > 1 {
				name += fmt.Sprintf(" (%d)", taken[name])
			}
			flatten(path+"["+name+"]", inner, into)
		}
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return // nothing that was read as JSON
		}
		into[path] = string(text)
	}
}

// nameOf is what an item of a list is called, or its number.
func nameOf(item any, number int) string {
	fields, _ := item.(map[string]any)
	for _, key := range []string{"title", "name", "refId"} {
		if name, ok := fields[key].(string); ok && name != "" {
			return name
		}
	}
	return fmt.Sprint(number)
}
