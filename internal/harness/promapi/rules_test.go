package promapi_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	promapiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"

	"burnline/storage/metrics/local"
	"burnline/web/promapi"
)

const ruleFile = `groups:
- name: rooms
  interval: 30s
  rules:
  - {record: "room:heat:max", expr: max(heat), labels: {floor: "1"}}
  - {alert: Hot, expr: heat > 30, keep_firing_for: 5m, labels: {severity: page, floor: "2"}, annotations: {summary: "Room {{ $labels.room }}"}}
- name: cellar
  rules:
  - {alert: Wet, expr: water > 1, for: 1m}
`

// serveRules serves an SLO's policies and a user's rules, evaluated once while it is hot.
func serveRules(t *testing.T) *server {
	t.Helper()
	var groups []*rules.Group
	s := serve(t, func(o *promapi.Options) {
		o.Rules = func() []*rules.Group { return groups }
		o.SLORules = func() []*apiv1.RuleGroup {
			since := time.Unix(1000, 0).UTC()
			return []*apiv1.RuleGroup{{Name: "shop/buy", File: "slos/shop.yaml", Interval: 15, Rules: []apiv1.Rule{apiv1.AlertingRule{
				State: "firing", Name: "SLOErrorBudgetBurn", Query: "slo_burn_rate > 14.4", Labels: labels.FromStrings("slo", "shop/buy"), Health: "ok", Type: "alerting",
				Alerts: []*apiv1.Alert{{Labels: labels.FromStrings("slo", "shop/buy"), State: "firing", ActiveAt: &since, Value: "2e+01"}},
			}}}}
		}
	})
	groups = evaluate(t, s.store)
	return s
}

func evaluate(t *testing.T, store *local.Store) []*rules.Group {
	t.Helper()
	now := time.Now()
	app := store.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings("__name__", "heat", "room", "a"), 0, now.UnixMilli(), 40, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(ruleFile), 0o600); err != nil {
		t.Fatal(err)
	}
	m := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(store.Engine(), store.Queryable()), NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Appendable: store.DB(), Queryable: store.Queryable(), Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	loaded, errs := m.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, file)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var groups []*rules.Group
	for _, name := range []string{"rooms", "cellar"} {
		g := loaded[rules.GroupKey(file, name)]
		g.Eval(t.Context(), now)
		groups = append(groups, g)
	}
	return groups
}

// Prometheus' own client, which Grafana's behaves like, reads all rules and alerts.
func TestTheOfficialClientReadsRulesAndAlerts(t *testing.T) {
	t.Parallel()
	s := serveRules(t)
	found, err := s.client().Rules(t.Context(), nil)
	if err != nil || len(found.Groups) != 3 {
		t.Fatalf("groups %+v, error %v", found.Groups, err)
	}
	slo, ok := found.Groups[0].Rules[0].(promapiv1.AlertingRule)
	if !ok || slo.State != "firing" || slo.Query != "slo_burn_rate > 14.4" || len(slo.Alerts) != 1 {
		t.Errorf("the SLO's rule is %+v", found.Groups[0].Rules[0])
	}
	if r, ok := found.Groups[1].Rules[0].(promapiv1.RecordingRule); !ok || r.Name != "room:heat:max" || r.Health != promapiv1.RuleHealthGood {
		t.Errorf("the recording rule is %+v", found.Groups[1].Rules[0])
	}
	hot, ok := found.Groups[1].Rules[1].(promapiv1.AlertingRule)
	if !ok || hot.State != "firing" || len(hot.Alerts) != 1 || hot.Alerts[0].Annotations["summary"] != "Room a" || hot.Alerts[0].Value != "4e+01" {
		t.Errorf("the alerting rule is %+v", found.Groups[1].Rules[1])
	}
	alerts, err := s.client().Alerts(t.Context())
	if err != nil || len(alerts.Alerts) != 2 {
		t.Errorf("alerts %+v, error %v", alerts, err)
	}
}

func TestRulesAreFilteredAsInPrometheus(t *testing.T) {
	t.Parallel()
	s := serveRules(t)
	for _, c := range []struct {
		name string
		form url.Values
		want string // names of rules
	}{
		{"alerts only", url.Values{"type": {"alert"}}, "[SLOErrorBudgetBurn Hot Wet]"},
		{"records only", url.Values{"type": {"record"}}, "[room:heat:max]"},
		{"two names", url.Values{"rule_name[]": {"Wet", "Hot"}}, "[Hot Wet]"},
		{"one group", url.Values{"rule_group[]": {"cellar"}}, "[Wet]"},
		{"one file", url.Values{"file[]": {"slos/shop.yaml"}}, "[SLOErrorBudgetBurn]"},
		{"labels", url.Values{"match[]": {`{floor="2"}`, `{slo=~"shop/.*"}`}}, "[SLOErrorBudgetBurn Hot]"},
		{"nothing", url.Values{"rule_name[]": {"Cold"}}, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fmt.Sprint(ruleNames(s.get("/rules?" + c.form.Encode()))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	var paged []string
	for query := "?group_limit=1"; query != ""; {
		data := s.get("/rules" + query)
		paged = append(paged, ruleNames(data)...)
		query = ""
		if next, ok := data.(map[string]any)["groupNextToken"].(string); ok {
			query = "?group_limit=1&group_next_token=" + next
		}
	}
	if fmt.Sprint(paged) != "[SLOErrorBudgetBurn room:heat:max Hot Wet]" {
		t.Errorf("page by page: %v", paged)
	}
	for _, bad := range []string{"type=both", "exclude_alerts=perhaps", "group_limit=-1", "group_next_token=x", "group_limit=1&group_next_token=x", "match[]=up{", "match[]={a=~\".*\"}"} {
		if code, _, body := s.call(http.MethodGet, prefix+"/rules?"+bad, nil); code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, code, body)
		}
	}
}

func ruleNames(data any) []string {
	names := []string{}
	for _, g := range data.(map[string]any)["groups"].([]any) {
		for _, r := range g.(map[string]any)["rules"].([]any) {
			names = append(names, r.(map[string]any)["name"].(string))
		}
	}
	return names
}
