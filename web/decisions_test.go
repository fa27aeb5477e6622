package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
)

func TestAnIncidentThatIsKeptQuietSaysWhy(t *testing.T) {
	s := newShop(noon)
	at := noon.Add(-10 * time.Minute)
	silenced := alerting.Decision{Receiver: "oncall", Fate: alerting.FateSilenced, By: "s1", Until: noon.Add(time.Hour), Reason: "silenced by ada: deploy", At: at}
	for i := range s.records {
		s.records[i].Rows, s.records[i].Decisions = nil, []alerting.Decision{silenced}
	}
	server := serve(t, s, nil)
	status, body := get(t, server.URL+"/incidents/"+s.records[0].Incident.Key)
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{"<b>Silenced at oncall</b>", "Nobody was told: silenced by ada: deploy (s1), until ", "ev-silenced"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, list := get(t, server.URL+"/incidents"); strings.Contains(list, "nobody was told") || !strings.Contains(list, "silenced") {
		t.Error("the list does not say that it is silenced")
	}
	if _, answer := get(t, server.URL+"/api/v1/incidents/"+s.records[0].Incident.Key); !strings.Contains(answer, `"fate":"silenced"`) {
		t.Errorf("the API says %s", answer)
	}
}
