package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/rulefmt"
	promparser "github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"burnline/dashboards"
	"burnline/internal/alertconf"
	"burnline/internal/app"
	"burnline/internal/routetest"
	"burnline/slo"
	"burnline/slo/spec"
)

// wrongYAML says what is wrong with a block of YAML: each of its documents is read by the
// program for which it is written.
func wrongYAML(t *testing.T, s snippet) []string {
	t.Helper()
	dir := t.TempDir()
	text := withFiles(t, dir, s.text)
	var keys map[string]any
	if err := yaml.Unmarshal([]byte(text), &keys); err != nil {
		return []string{err.Error()}
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, is := keys[name]; return is })
	}
	switch {
	case keys["kind"] == "DashboardPanels":
		_, findings := dashboards.ReadAdditions("panels.yaml", []byte(text), []slo.Definition{{ID: "checkout/availability", Service: "checkout", Name: "availability"}})
		return errorsOf(findings)
	case has("apiVersion", "version") && (has("kind") || keys["version"] == "prometheus/v1"):
		return wrongSLOs(t, dir, text)
	case keys["apiVersion"] == 1: // Grafana's provisioning; examples/grafana plays it
		return nil
	case has("spec") && len(keys) == 1:
		return wrongSLOs(t, dir, completed(keys))
	case has("tests"):
		return wrongTests(t, dir, text)
	case has("groups"):
		_, errs := rulefmt.Parse([]byte(text), false, model.UTF8Validation, promparser.NewParser(promparser.Options{}), slog.New(slog.DiscardHandler))
		return texts(errs)
	case has("exporters", "connectors", "processors", "service"):
		return wrongPipeline(keys)
	case ofPrometheus(keys):
		if _, err := promconfig.Load(text, slog.New(slog.DiscardHandler)); err != nil {
			return []string{err.Error()}
		}
		return nil
	case has("route", "receivers", "inhibit_rules"):
		return wrongAlertmanager(t, dir, keys)
	}
	return wrongConfiguration(t, dir, text, keys)
}

// ofPrometheus reports whether a file is one of Prometheus', and not Burnline's.
func ofPrometheus(keys map[string]any) bool {
	alerting, _ := keys["alerting"].(map[string]any)
	_, theirs := alerting["alertmanagers"]
	return theirs || keys["remote_write"] != nil || keys["storage"] != nil || keys["rule_files"] != nil || keys["global"] != nil
}

// wrongConfiguration reads burnline.yaml, or what of a receiver is shown.
func wrongConfiguration(t *testing.T, dir, text string, keys map[string]any) []string {
	t.Helper()
	if strings.HasSuffix(slices.Sorted(maps.Keys(keys))[0], "_configs") && keys["scrape_configs"] == nil {
		wrapped, err := yaml.Marshal(map[string]any{"alerting": map[string]any{
			"receivers": []any{with(keys, "name", "oncall")}, "route": map[string]any{"receiver": "oncall"}}})
		if err != nil {
			t.Fatal(err)
		}
		text = string(wrapped)
	} else if len(keys) == 1 && keys["templates"] != nil {
		text = "alerting:\n  templates: [" + dir + "/*.tmpl]\n"
	}
	path := filepath.Join(dir, "burnline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, findings, err := app.LoadConfig(path)
	if err != nil {
		return []string{err.Error()}
	}
	return errorsOf(slices.DeleteFunc(findings, func(f slo.Finding) bool {
		// A page shows a part: receivers that a route names may stand elsewhere.
		return strings.Contains(f.Message, "there is no receiver") || strings.Contains(f.Message, "no receivers")
	}))
}

// wrongSLOs reads SLO files as check does.
func wrongSLOs(t *testing.T, dir, text string) []string {
	t.Helper()
	path := filepath.Join(dir, "slos.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, findings, err := spec.Load([]string{path})
	if err != nil {
		return []string{err.Error()}
	}
	// An SLO of SLOs, and a dependency, name what stands in other files.
	elsewhere := func(f slo.Finding) bool { return strings.Contains(f.Message, "there is no SLO") }
	return errorsOf(slices.DeleteFunc(append(findings, slo.Lint(set.Definitions, nil)...), elsewhere))
}

// completed makes an SLO file of a part of one.
func completed(keys map[string]any) string {
	part, _ := keys["spec"].(map[string]any)
	whole := map[string]any{"service": "checkout", "team": "payments", "objective": 99.9, "window": "30d",
		"sli":      map[string]any{"events": map[string]any{"bad": `r{code="5"}`, "total": "r"}},
		"alerting": map[string]any{"annotations": map[string]any{"runbook": "https://wiki.example.com"}}}
	maps.Copy(whole, part)
	text, _ := yaml.Marshal(map[string]any{"apiVersion": "burnline/v1", "kind": "SLO", "metadata": map[string]any{"name": "part"}, "spec": whole})
	return string(text)
}

// wrongTests reads a file of burnline test beside the configuration that it names.
func wrongTests(t *testing.T, dir, text string) []string {
	t.Helper()
	for name, from := range map[string]string{"alertmanager.yml": "../../examples/alerting/alertmanager.yml", "texts.tmpl": "../../examples/alerting/texts.tmpl"} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "tests.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, findings, err := routetest.Read(path)
	if err != nil {
		return []string{err.Error()}
	}
	return errorsOf(findings)
}

// wrongAlertmanager reads a part of Alertmanager's file.
func wrongAlertmanager(t *testing.T, dir string, keys map[string]any) []string {
	t.Helper()
	receivers, _ := keys["receivers"].([]any)
	if len(receivers) == 0 {
		receivers = []any{map[string]any{"name": "oncall"}}
	}
	route, _ := keys["route"].(map[string]any)
	if route["receiver"] == nil {
		first, _ := receivers[0].(map[string]any)
		route = with(route, "receiver", first["name"])
	}
	text, err := yaml.Marshal(with(with(keys, "receivers", receivers), "route", route))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, findings, err := alertconf.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	return errorsOf(findings)
}

// wrongPipeline looks at a part of a Collector's file: what pipelines name has to be of a known
// kind. Whole files are run in examples/.
func wrongPipeline(keys map[string]any) []string {
	known := map[string]bool{"receivers": true, "processors": true, "exporters": true, "connectors": true, "extensions": true, "service": true}
	var wrong []string
	for key := range keys {
		if !known[key] {
			wrong = append(wrong, fmt.Sprintf("the Collector has no section %q", key))
		}
	}
	service, _ := keys["service"].(map[string]any)
	pipelines, _ := service["pipelines"].(map[string]any)
	for name, p := range pipelines {
		if !regexp.MustCompile(`^(traces|metrics|logs|profiles)(/.+)?$`).MatchString(name) {
			wrong = append(wrong, fmt.Sprintf("%q is no name of a pipeline", name))
		}
		parts, _ := p.(map[string]any)
		for part := range parts {
			if !slices.Contains([]string{"receivers", "processors", "exporters"}, part) {
				wrong = append(wrong, fmt.Sprintf("a pipeline has no %q", part))
			}
		}
	}
	return wrong
}

var (
	// secretPath is a path that a block of configuration names, with its key.
	secretPath = regexp.MustCompile(`(\w+): (/(?:run/secrets|etc|var/lib)/[\w./-]+)`)
	secretList = regexp.MustCompile(`/run/secrets/[\w./-]+`)
	besideFile = regexp.MustCompile(`\w+_file: ["']?(\w[\w./-]*)`)
	ownFile    = regexp.MustCompile(`(?m)^(slos|rules): \[([\w./-]+)\]|\b(config): ([\w-]+\.ya?ml)`)
	ofTheEnv   = regexp.MustCompile(`\$\{env:\w+\}`)
)

// key is what every secret of the documents is.
const key = "0123456789abcdef0123456789abcdef"

// withFiles puts files where a block names some, and returns it with their paths.
func withFiles(t *testing.T, dir, text string) string {
	t.Helper()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text = secretPath.ReplaceAllStringFunc(text, func(found string) string {
		m := secretPath.FindStringSubmatch(found)
		content := key + "\n"
		switch {
		case strings.Contains(m[1], "url"):
			content = "https://hooks.example.com/services/T0/B0/" + key
		case strings.HasSuffix(m[2], "alertmanager.yml"):
			content = "route: {receiver: oncall}\nreceivers: [{name: oncall}]\n"
		}
		return m[1] + ": " + put(filepath.Base(m[2]), content)
	})
	text = secretList.ReplaceAllStringFunc(text, func(found string) string { return put(filepath.Base(found), key+"\n") })
	for _, m := range besideFile.FindAllStringSubmatch(text, -1) {
		put(m[1], key+"\n")
	}
	for _, m := range ownFile.FindAllStringSubmatch(text, -1) {
		if m[1] != "" && strings.HasSuffix(m[2], "/") {
			_ = os.MkdirAll(filepath.Join(dir, m[2]), 0o700)
		} else if m[1] == "" && m[4] != "alertmanager.yml" {
			put(m[4], "service: {}\n")
		}
	}
	return ofTheEnv.ReplaceAllString(text, key)
}

func with(keys map[string]any, name string, value any) map[string]any {
	all := maps.Clone(keys)
	if all == nil {
		all = map[string]any{}
	}
	all[name] = value
	return all
}

func errorsOf(findings slo.Findings) []string {
	var all []string
	for _, f := range findings.Errors() {
		all = append(all, f.String())
	}
	return all
}

func texts(errs []error) []string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}
