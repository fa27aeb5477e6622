package webhook

import (
	"encoding/json"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// What a program gets is the text itself: no more keys, and nothing that ends a value.
func TestATextFromOutsideIsOneValueOfTheJSON(t *testing.T) {
	for name, text := range nasty.Texts() {
		row := alerting.Row{Key: text, Receiver: text, Action: alerting.ActionTrigger, Message: alerting.Message{
			Summary: text, Labels: slo.NewLabels("region", text), Annotations: map[string]string{"note": text}, Links: []alerting.Link{{Text: text, Href: text}}}}
		data, err := json.Marshal((&Sender{}).body(row, render.NewFields(nil, row)))
		var got Payload
		if err != nil || json.Unmarshal(data, &got) != nil {
			t.Fatalf("%s: %s, %v", name, data, err)
		}
		want := strings.ToValidUTF8(text, "\uFFFD")
		if len(got.Alerts) != 1 || got.GroupKey != want || got.Receiver != want || got.Alerts[0].Labels["region"] != want || got.Alerts[0].Annotations["note"] != want || got.Alerts[0].Annotations["summary"] != want {
			t.Errorf("%s: it is %+v", name, got)
		}
	}
}
