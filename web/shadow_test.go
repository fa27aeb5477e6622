package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/shadow"
	"burnline/slo"
)

// heardPages are what the old Alertmanager told.
type heardPages struct{ pages []shadow.Page }

func (h *heardPages) TakePages(_ context.Context, pages []shadow.Page, _ time.Time) error {
	h.pages = append(h.pages, pages...)
	return nil
}

func (h *heardPages) Pages(context.Context, time.Time, int) ([]shadow.Page, error) {
	return h.pages, nil
}

func (h *heardPages) PagesHeard(context.Context) (time.Time, error) {
	if len(h.pages) == 0 {
		return time.Time{}, nil
	}
	return h.pages[0].ToldAt, nil
}

// shown is the shop's outage, of which oncall would have been paged a minute after it began.
type shown struct{ *shop }

func (s shown) Incidents(context.Context, alerting.Filter) ([]alerting.Record, error) {
	record := alerting.Record{Summary: "1 in 4 checkout requests fails.", Incident: slo.Incident{
		Key: "k1", SLO: "checkout/availability", Severity: slo.Page, Started: noon.Add(-time.Hour), Opened: noon.Add(-59 * time.Minute), Groups: []slo.Labels{nil}}}
	record.Rows = []alerting.Row{{Action: alerting.ActionTrigger, State: alerting.RowShadowed, Receiver: "oncall", Integration: "shadow/pagerduty/0", SettledAt: noon.Add(-59 * time.Minute)}}
	return []alerting.Record{record}, nil
}

// inShadow serves the shop in shadow mode.
func inShadow(t *testing.T) (*heardPages, string) {
	t.Helper()
	store, shop := &heardPages{}, newShop(noon)
	desk, err := shadow.New(shadow.Options{Store: store, Ledger: shown{shop}, Definitions: shop.Definitions,
		Mode: func() alerting.Shadow { return alerting.Shadow{On: true, Live: []string{"search"}} }, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return store, serve(t, shop, func(o *Options) { o.Shadow = desk }).URL
}

// webhook is what Alertmanager sends of Sloth's alert.
const webhook = `{"version":"4","receiver":"ops","alerts":[{"status":"firing","labels":{"alertname":"=CheckoutBurns","sloth_service":"checkout",` +
	`"sloth_slo":"availability","sloth_severity":"page"},"annotations":{"summary":"High error rate"},"startsAt":"2026-07-28T11:04:00Z"},` +
	`{"status":"firing","labels":{"alertname":"=Odd"},"annotations":{"summary":"<b>odd</b>"},"startsAt":"2026-07-28T11:04:00Z"}]}`

func TestAWebhookOfTheOldAlertmanagerIsCompared(t *testing.T) {
	store, url := inShadow(t)
	_, body := get(t, url+"/shadow")
	for _, want := range []string{"Nothing has been heard from the old Alertmanager yet", "/api/v1/shadow/alertmanager", "by then, so nobody can say"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page before anything was heard lacks %q", want)
		}
	}
	status, body := ask(t, "POST", url+"/api/v1/shadow/alertmanager", strings.ReplaceAll(webhook, "2026-07-28", noon.Format(time.DateOnly)))
	if status != http.StatusOK || body != `{"alerts":2}` {
		t.Fatalf("the webhook is answered %d %s", status, body)
	}
	for i := range store.pages { // they came when they were sent
		store.pages[i].ToldAt = noon.Add(-55 * time.Minute)
	}
	_, body = get(t, url+"/shadow")
	for _, want := range []string{"In 7 days: 1 told by both, 0 only by the old Alertmanager, 0 only by Burnline; 1 can’t be compared.", "4 min earlier", "1 in 4 checkout requests fails.", "&lt;b&gt;odd&lt;/b&gt;", "shadow.csv?days=7"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	_, body = get(t, url+"/api/v1/shadow?days=1")
	if !strings.Contains(body, `"both":1`) || !strings.Contains(body, `"median_lead_seconds":240`) {
		t.Errorf("the report is %s", body)
	}
	_, body = get(t, url+"/shadow.csv")
	if lines := strings.Split(body, "\n"); len(lines) != 4 || !strings.Contains(body, ",both,false,checkout/availability,") || !strings.Contains(body, ",only old,true,'=Odd,") {
		t.Errorf("the table is\n%s", body)
	}
}

func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	store, url := inShadow(t)
	for name, body := range map[string]string{"no JSON": "x", "another version": `{"version":"3"}`} {
		if status, answer := ask(t, "POST", url+"/api/v1/shadow/alertmanager", body); status != http.StatusUnprocessableEntity || !strings.Contains(answer, "findings") {
			t.Errorf("%s is answered %d %.200s", name, status, answer)
		}
	}
	if len(store.pages) != 0 {
		t.Errorf("%d pages were taken", len(store.pages))
	}
	for _, days := range []string{"0", "32", "x"} {
		if status, _ := get(t, url+"/api/v1/shadow?days="+days); status != http.StatusBadRequest {
			t.Errorf("days=%s is answered %d", days, status)
		}
	}
}

func TestEveryPageSaysThatShadowModeIsOn(t *testing.T) {
	_, url := inShadow(t)
	for _, path := range []string{"/", "/incidents", "/shadow", "/system", "/slo/checkout/availability", "/nothing/here"} {
		if _, body := get(t, url+path); !strings.Contains(body, `id="shadow-mode"`) || !strings.Contains(body, "only search is told for real") {
			t.Errorf("%s does not say so", path)
		}
	}
	if _, body := get(t, serve(t, newShop(noon), nil).URL+"/"); strings.Contains(body, "shadow-mode") {
		t.Error("a page says so without shadow mode")
	}
}
