package foreign

import "strings"

// Camel writes a key or a path in camelCase: slos[0].page_alert is slos[0].pageAlert.
func Camel(path string) string {
	parts := strings.Split(path, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}
