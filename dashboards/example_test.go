package dashboards_test

import (
	"fmt"
	"strings"
	"time"

	"burnline/dashboards"
	"burnline/slo"
)

// A row of the team's own stands below what the overview and each SLO of checkout show.
func ExampleGenerate_additions() {
	defs := []slo.Definition{{
		ID: "checkout/availability", Name: "availability", Service: "checkout", Team: "payments",
		Objective: 99.9, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
	}}
	files, err := dashboards.Generate(defs, dashboards.Options{
		ExternalURL: "https://burnline.example.com",
		Additions: []dashboards.Addition{{
			Boards: []string{"overview", "slo:checkout/*"},
			Row:    "Database",
			Panels: []dashboards.Panel{{
				Title: "Connections", Description: "Open connections; at 100 new requests wait.", Unit: "short",
				Queries: []dashboards.PanelQuery{{Expr: `sum by (pool) (db_connections{service=~"$service"})`, Legend: "{{pool}}"}},
			}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		if strings.Contains(string(f.Data), `"Connections"`) {
			fmt.Println(f.Board.Name, "→", f.Path)
		}
	}
	// Output:
	// overview → dashboards/general/overview.json
	// slo:checkout/availability → dashboards/slos/slo-checkout-availability-c519c9.json
}
