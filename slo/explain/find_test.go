package explain_test

import (
	"testing"

	"burnline/slo"
	"burnline/slo/explain"
)

func TestOneRegionIsNamed(t *testing.T) {
	table := explain.Table{Attributes: []string{"region", "route"}}
	for _, region := range []string{"eu", "us", "ap"} {
		for _, route := range []string{"/pay", "/cart", "/"} {
			row := explain.Row{Values: []string{region, route}, Bad: 1, Total: 1000}
			if region == "eu" {
				row.Bad = 80
			}
			table.Rows = append(table.Rows, row)
		}
	}
	got := explain.Find(table, explain.Options{})
	if len(got.Explanations) != 1 {
		t.Fatalf("found %+v", got)
	}
	e := got.Explanations[0]
	if e.Labels.String() != slo.NewLabels("region", "eu").String() || e.Failed != 240 || e.Total != 3000 || e.Baseline != -1 {
		t.Errorf("the explanation is %+v", e)
	}
}
