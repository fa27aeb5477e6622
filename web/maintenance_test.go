package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/maintenance"
	"burnline/alerting/silences"
	"burnline/slo"
)

// works keeps maintenances in memory.
type works struct {
	all []alerting.Maintenance
	err error
}

func (w *works) Start(_ context.Context, r maintenance.Request) (alerting.Maintenance, error) {
	if w.err != nil {
		return alerting.Maintenance{}, w.err
	}
	if len(r.Unread) > 0 { // as a keeper does
		return alerting.Maintenance{}, r.Unread
	}
	m := alerting.Maintenance{ID: fmt.Sprintf("m-%d", len(w.all)+1), Title: r.Title, Reason: r.Reason, By: r.By, Scope: r.Scope, From: noon, To: r.To, Planned: r.To, Created: noon}
	w.all = append(w.all, m)
	return m, nil
}

func (w *works) Stop(_ context.Context, id, by string) (alerting.Maintenance, error) {
	for i := range w.all {
		if w.all[i].ID == id {
			w.all[i].StoppedBy, w.all[i].Stopped, w.all[i].To = by, noon.Add(1), noon.Add(1)
			return w.all[i], w.err
		}
	}
	return alerting.Maintenance{}, maintenance.ErrUnknown
}

func (w *works) List(_ context.Context, since time.Time) ([]alerting.Maintenance, error) {
	var some []alerting.Maintenance
	for _, m := range w.all {
		if m.To.After(since) {
			some = append(some, m)
		}
	}
	return some, w.err
}

func TestAMaintenanceIsStartedListedAndStopped(t *testing.T) {
	w := &works{}
	url := serve(t, newShop(noon), func(o *Options) { o.Maintenance = w }).URL + "/api/v1/maintenance"
	status, body := ask(t, http.MethodPost, url, `{"title": "A new database", "services": ["checkout"], "for": "2h", "reason": "CHG-1", "by": "ada"}`)
	var one MaintenanceJSON
	if err := json.Unmarshal([]byte(body), &one); err != nil || status != http.StatusCreated || one.State != alerting.MaintenanceRunning || one.Concerned == 0 || !one.To.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("started: %d %s, %v", status, body, err)
	}
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"the list", http.MethodGet, "", "", http.StatusOK, `"concerned_slos":2`},
		{"a body that is none", http.MethodPost, "", `{"service": "checkout"}`, http.StatusBadRequest, "unknown field"},
		{"a moment that is none", http.MethodPost, "", `{"from": "soon"}`, http.StatusUnprocessableEntity, "is no moment"},
		{"by nobody", http.MethodPost, "/m-1/stop", `by ada`, http.StatusBadRequest, "who stops it"},
		{"one that never was", http.MethodPost, "/m-9/stop", `{"by": "ada"}`, http.StatusNotFound, "No maintenance has this ID"},
		{"stopped", http.MethodPost, "/m-1/stop", `{"by": "grace"}`, http.StatusOK, `"stopped_by":"grace"`},
		{"what is over", http.MethodGet, "?over=true", "", http.StatusOK, `"m-1"`},
		{"a question that is none", http.MethodGet, "?over=perhaps", "", http.StatusBadRequest, "over is true or false"},
	} {
		if status, body := ask(t, c.method, url+c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d %q", c.name, status, body, c.status, c.want)
		}
	}
}

func TestARefusedMaintenanceSaysWhatToDo(t *testing.T) {
	w := &works{}
	url := serve(t, newShop(noon), func(o *Options) { o.Maintenance = w }).URL + "/api/v1/maintenance"
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{slo.Problems{{Field: "to", Message: "it lasts longer than 7d"}}, http.StatusUnprocessableEntity, `"findings"`},
		{&silences.TooWide{Preview: silences.Preview{Wide: "it mutes 4 of 4 SLOs"}}, http.StatusConflict, "it mutes 4 of 4 SLOs"},
		{context.DeadlineExceeded, http.StatusServiceUnavailable, "at the moment"},
		{maintenance.ErrOver, http.StatusConflict, "the maintenance is over"},
	} {
		w.err = c.err
		if status, body := ask(t, http.MethodPost, url, `{}`); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%v: %d %s, want %d %q", c.err, status, body, c.status, c.want)
		}
	}
}
