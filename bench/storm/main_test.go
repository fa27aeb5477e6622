package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheHookTellsNewsFromRepetition(t *testing.T) {
	h, err := newHook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	for _, body := range []string{
		`{"alerts":[{"labels":{"alertname":"A","instance":"1"}}]}`,
		`{"alerts":[{"labels":{"alertname":"A","instance":"1"}},{"labels":{"alertname":"A","instance":"2"}}]}`,
		`{"alerts":[{"labels":{"alertname":"A","instance":"1"}}]}`,
		`{"alerts":[{"labels":{"alertname":"B","instance":"3"}}]}`,
	} {
		resp, err := http.Post(h.URL, "application/json", strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		_ = resp.Body.Close()
	}
	if groups, alerts, repeated := h.counts(); groups != 2 || alerts != 3 || repeated != 1 {
		t.Errorf("%d groups, %d alerts, %d repeated", groups, alerts, repeated)
	}
	if n := len(h.delays(map[string]time.Time{"A": {}, "B": {}})); n != 2 {
		t.Errorf("%d delays", n)
	}
}

func TestTheTableSaysWhatWasLost(t *testing.T) {
	var b bytes.Buffer
	theirs := figures{groups: 34800 * time.Millisecond, kill: killed{before: 252, lost: 248, repeated: 252}}
	if err := write(&b, options{groups: 500, batch: 256, senders: 4, peer: "Alertmanager 0", parts: []string{partWebhook, partKill}}, []result{{50_000, []figures{{}, theirs}}}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"| 50000 alerts: all groups told after, s | 0.00 | 34.80 |", "until all was sent again | 0 | 248 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestWithoutABinaryItSaysWhatToDo(t *testing.T) {
	err := run(t.Context(), nil, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "go build -o burnline") {
		t.Errorf("got %v", err)
	}
}
