package state

import (
	"encoding/json"
	"fmt"
	"strings"
)

// finding is the condition that incidents fulfil which a text may mean: the beginning of
// a key, the ID or the last part of the ID of an SLO, the name of an alert. from is the number of
// its first placeholder.
func finding(text string, from int) (condition string, args []any) {
	literal := like(text)
	name, err := json.Marshal(text)
	if err != nil { // a text is always JSON
		name = nil
	}
	condition = fmt.Sprintf(`(dedup_key LIKE $%d ESCAPE '\' OR slo = $%d OR slo LIKE $%d ESCAPE '\' OR dedup_key IN (
		SELECT g.dedup_key FROM alert_groups g JOIN alert_members m ON m.group_id = g.id JOIN alerts a ON a.id = m.alert_id
		WHERE a.labels LIKE $%d ESCAPE '\'))`, from, from+1, from+2, from+3)
	return condition, []any{literal + "%", indexed(text), "%/" + literal, `%"alertname",` + like(string(name)) + "%"}
}

// like escapes what LIKE would take for a placeholder, with backslashes.
func like(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(plain(text))
}
