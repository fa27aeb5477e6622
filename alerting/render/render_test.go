package render_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// row is an incident with two outside alerts.
func row() alerting.Row {
	noon := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	return alerting.Row{Key: "k1", Receiver: "oncall", Action: alerting.ActionTrigger,
		Message: alerting.Message{Summary: "Two are down.", Class: "alert", Severity: slo.Page, Labels: slo.NewLabels("job", "api")},
		Alerts: []alerting.AlertStatus{
			{Status: alerting.AlertFiring, Labels: slo.NewLabels("alertname", "Down", "job", "api", "instance", "a"), Annotations: map[string]string{"summary": "<b>a</b> is down"}, StartsAt: noon},
			{Status: alerting.AlertResolved, Labels: slo.NewLabels("alertname", "Down", "job", "api", "instance", "b"), Annotations: map[string]string{"summary": "b is down"}, StartsAt: noon, EndsAt: noon},
		}}
}

// load loads templates of one file, whose renderings may take a moment only.
func load(t *testing.T, text string) *render.Renderer {
	t.Helper()
	return loadWithin(t, patience.Limit, text)
}

func loadWithin(t *testing.T, timeout time.Duration, text string) *render.Renderer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own [1].tmpl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, findings := render.Load(render.Options{Globs: []string{filepath.Join(filepath.Dir(file), "*.tmpl")}, ExternalURL: "https://b.example.com", Timeout: timeout})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return r
}

func TestTemplatesSeeWhatAlertmanagersSee(t *testing.T) {
	r := load(t, `{{ define "own.title" }}{{ .Status | toUpper }} {{ len .Alerts.Firing }}{{ end }}`)
	for _, c := range []struct{ name, text, want string }{
		{"no template at all", "plain", "plain"},
		{"a template of a file", `{{ template "own.title" . }} of {{ .Receiver }}`, "FIRING 1 of oncall"},
		{"a built-in one of Alertmanager", `{{ template "pagerduty.default.description" . }}`, "[FIRING:1] api (Down)"},
		{"common and group labels", `{{ .CommonLabels.alertname }} {{ .GroupLabels.SortedPairs }} {{ .ExternalURL }}`, "Down job=api https://b.example.com"},
		{"what is not there is empty", `{{ .CommonAnnotations.nothing }}.`, "."},
		{"functions", `{{ range .Alerts }}{{ .Labels.instance }}{{ if eq .Status "resolved" }} over{{ end }} {{ .StartsAt | date "15:04" }};{{ end }}{{ join "," (stringSlice "a" "b") }} {{ printf "%02d" 7 }}`,
			"a 12:00;b over 12:00;a,b 07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Text(c.text, row())
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestHTMLEscapesWhatAlertsHold(t *testing.T) {
	r := load(t, "")
	got, err := r.HTML(`<p title="{{ (index .Alerts 0).Annotations.summary }}">{{ (index .Alerts 0).Annotations.summary }}</p>`, row())
	if err != nil || strings.Contains(got, "<b>") || !strings.Contains(got, "&lt;b&gt;a") {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := r.HTML(`{{ template "email.default.html" . }}`, row()); err != nil || !strings.Contains(got, "<html") || strings.Contains(got, "<b>a") {
		t.Errorf("Alertmanager's own mail is %v, %.200s", err, got)
	}
}

func TestATemplateThatGoesOnForEverIsEnded(t *testing.T) {
	const again = `{{ define "again" }}{{ template "again" . }}{{ template "again" . }}{{ end }}`
	for _, c := range []struct{ name, text, want string }{
		{"a silent loop", `{{ range 9000000000 }}{{ end }}`, "it takes longer than 200ms"},
		{"a loop within a condition", `{{ if true }}{{ range 9000000000 }}{{ if false }}x{{ end }}{{ end }}{{ end }}`, "it takes longer than 200ms"},
		{"a loop that writes", `{{ range 9000000000 }}` + strings.Repeat("0123456789", 5000) + `{{ end }}`, "it writes more than 1048576 bytes"},
		{"one that calls itself twice", `{{ template "again" . }}`, ""},
		{"a text that doubles", `{{ $x := "0123456789" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}`, "bytes is longer than 1048576"},
		{"a pattern that is none", `{{ reReplaceAll "(" "" "a" }}`, "missing closing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := load(t, again)
			if strings.Contains(c.want, "200ms") {
				r = loadWithin(t, 200*time.Millisecond, again)
			}
			for _, render := range []render.Func{r.Text, r.HTML} {
				got, err := render(c.text, row())
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %.40q, %v", got, err)
				}
			}
		})
	}
}

func TestAFileThatDoesNotParseIsAFindingAtItsLine(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good.tmpl": `{{ define "a" }}{{ end }}`, "bad.tmpl": "{{ define \"b\" }}\n{{ if }}\n{{ end }}", "worse.tmpl": `{{ nosuch }}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, findings := render.Load(render.Options{Globs: []string{filepath.Join(dir, "*.tmpl"), "[", filepath.Join(dir, "none*")}})
	if r != nil || len(findings) != 3 {
		t.Fatalf("got %v", findings)
	}
	for i, want := range []string{"bad.tmpl:2: this is no template: missing value for if", `worse.tmpl:1: this is no template: function "nosuch" not defined`, `"[" is no pattern of files`} {
		if got := findings[i]; !strings.Contains(got.String(), want) {
			t.Errorf("finding %d is %q, want %q", i, got.String(), want)
		}
	}
}

func TestWhatFailsFallsBackAndSaysSo(t *testing.T) {
	f := render.NewFields(load(t, "").Text, row())
	if got := f.Text("title", "", "own"); got != "own" || f.Failure() != "" {
		t.Errorf("unset is %q, %q", got, f.Failure())
	}
	if got := f.Text("title", `{{ .Nothing }}`, "own"); got != "own" {
		t.Errorf("failing is %q", got)
	}
	if got := f.Text("text", `{{ template "none" . }}`, "own text"); got != "own text" || f.Errors() != 2 {
		t.Errorf("failing is %q, %d errors", got, f.Errors())
	}
	want := `A template of yours fails, so this is Burnline's own text (title: <.Nothing>: can't evaluate field Nothing in type *template.Data; text: `
	if got := f.Failure(); !strings.HasPrefix(got, want) || !strings.Contains(got, `"none"`) {
		t.Errorf("it says %q", got)
	}
	if got := render.NewFields(nil, row()).Text("title", "plain", "own"); got != "plain" {
		t.Errorf("without templates a plain text is %q", got)
	}
}

func TestTheSyntaxOfASettingIsChecked(t *testing.T) {
	if err := render.Syntax("title", `{{ if }}`); err == nil || err.Error() != "title is no template: missing value for if" {
		t.Errorf("got %v", err)
	}
	if err := render.Syntax("title", `{{ template "later" . }} {{ toUpper "a" }}`); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestManyMessagesAreRenderedAtOnce(t *testing.T) {
	r := load(t, `{{ define "own" }}{{ range .Alerts }}{{ .Labels.instance }}{{ end }}{{ end }}`)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 20 {
				text := fmt.Sprintf(`%d {{ template "own" . }}{{ template "email.default.html" . }}`, (i+j)%10)
				for _, render := range []render.Func{r.Text, r.HTML} {
					if got, err := render(text, row()); err != nil || !strings.HasPrefix(got, fmt.Sprintf("%d ab", (i+j)%10)) {
						t.Errorf("got %.20q, %v", got, err)
					}
				}
			}
		})
	}
	group.Wait()
}
