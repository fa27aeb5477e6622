package web

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
)

// healthyAsOf is a diagnosis of each level.
func healthyAsOf(context.Context) []Diagnosed {
	return []Diagnosed{
		{Topic: "arrives", Level: DiagnosisOK, Subject: "shop", Message: "3 instances"},
		{Topic: "watch", Level: DiagnosisWarning, Subject: "heartbeat", Message: "there is none", Remedy: "write one"},
		{Topic: "receivers", Level: DiagnosisProblem, Subject: "oncall", Message: "it does not answer", Remedy: "see why"},
	}
}

func TestTheDiagnosisCountsWhatIsWrong(t *testing.T) {
	t.Parallel()
	status, body := get(t, serve(t, newShop(noon), func(o *Options) { o.Doctor = healthyAsOf }).URL+"/api/v1/doctor")
	var got diagnosisJSON
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got.Findings) != 3 || got.Problems != 1 || got.Warnings != 1 {
		t.Errorf("status %d: %s", status, body)
	}
}
