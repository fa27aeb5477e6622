package statuspage

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"burnline/internal/harness/nasty"
)

func FuzzDecodeDraft(f *testing.F) {
	f.Add(`{"title": "Cards", "text": "Some cards are refused.", "journeys": ["Paying"], "by": "ada"}`)
	f.Add(`{"text": "x"} {}`)
	f.Add(`{"txt": "x"}`)
	for _, text := range nasty.Texts() {
		body, err := json.Marshal(Draft{Title: text, Text: text, Journeys: []string{text}, By: text})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		in, err := DecodeDraft(strings.NewReader(body))
		if err != nil {
			return
		}
		again, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		same, err := DecodeDraft(strings.NewReader(string(again)))
		if len(in.Journeys) == 0 {
			in.Journeys = nil // none is none
		}
		if err != nil || !reflect.DeepEqual(same, in) {
			t.Errorf("%q is %+v, and then %+v, %v", body, in, same, err)
		}
	})
}
