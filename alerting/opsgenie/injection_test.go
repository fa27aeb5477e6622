package opsgenie

import (
	"encoding/json"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

func TestATextFromOutsideIsOneFieldOfAnAlert(t *testing.T) {
	for name, text := range nasty.Texts() {
		row := alerting.Row{Key: "k1", Action: alerting.ActionTrigger, Message: alerting.Message{
			Summary: text, Severity: slo.Page, Source: text, Labels: slo.NewLabels("region", text), Details: []alerting.Detail{{Name: text, Value: text}}}}
		data, err := json.Marshal(Config{}.newAlert(row, render.NewFields(nil, row)))
		var got alert
		if err != nil || json.Unmarshal(data, &got) != nil {
			t.Fatalf("%s: %s, %v", name, data, err)
		}
		want := strings.ToValidUTF8(text, "\uFFFD")
		if got.Message != want || got.Entity != want || got.Details["region"] != want || got.Details[want] != want || len(got.Details) != 2 || len(got.Tags)+len(got.Responders)+len(got.Actions) > 0 {
			t.Errorf("%s: it is %s", name, data)
		}
	}
}
