package app

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// described is a metric as the program registers it or the document has it.
// Its type is "" where a vector has no series yet.
type described struct {
	kind   string
	labels []string
}

// TestEveryMetricIsDocumented builds the real server twice, with its metrics in
// the data folder and in another program, and compares what it registers with
// the tables of docs/metrics.md: names, types and labels, both ways.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	t.Cleanup(backend.Close)
	registered := registeredBy(t, "{}")
	for name, m := range registeredBy(t, "metrics: {remote: {write_url: '"+backend.URL+"/write', query_url: '"+backend.URL+"'}}") {
		registered[name] = m
	}
	documented := documentedMetrics(t)
	for name, m := range registered {
		doc, ok := documented[name]
		if !ok {
			t.Errorf("docs/metrics.md does not have %s", name)
			continue
		}
		if m.kind != "" && m.kind != doc.kind || strings.HasSuffix(name, "_total") != (doc.kind == "counter") {
			t.Errorf("docs/metrics.md calls %s a %s; it is a %q", name, doc.kind, m.kind)
		}
		if !slices.Equal(m.labels, doc.labels) {
			t.Errorf("docs/metrics.md gives %s the labels %v; they are %v", name, doc.labels, m.labels)
		}
	}
	for name := range documented {
		if _, ok := registered[name]; !ok {
			t.Errorf("docs/metrics.md has %s: the program does not register it", name)
		}
	}
}

// registeredBy builds the server of a configuration and returns its own metrics.
func registeredBy(t *testing.T, config string) map[string]described {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "burnline.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{ConfigPath: path, Logger: slog.New(slog.DiscardHandler), Override: Override{
		Listen: "127.0.0.1:0", OTLPGRPC: "127.0.0.1:0", OTLPHTTP: "127.0.0.1:0"}}
	var down teardown
	p, err := build(t.Context(), o, &down)
	t.Cleanup(func() {
		if err := down.run(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	all := describe(p.registry)
	families, err := p.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if m, ok := all[f.GetName()]; ok {
			m.kind = strings.ToLower(f.GetType().String())
			all[f.GetName()] = m
		}
	}
	return all
}

// inDesc reads what prometheus.Desc shows only as text.
var inDesc = regexp.MustCompile(`^Desc\{fqName: "(burnline_\w+)", .*constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}\}$`)

// describe asks for descriptions, which vectors have before their first series.
func describe(registry *prometheus.Registry) map[string]described {
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		registry.Describe(descs)
	}()
	all := map[string]described{}
	for d := range descs {
		m := inDesc.FindStringSubmatch(d.String())
		if m == nil {
			continue
		}
		var labels []string
		for _, pair := range strings.Split(m[2]+","+m[3], ",") {
			if name, _, _ := strings.Cut(pair, "="); name != "" {
				labels = append(labels, name)
			}
		}
		slices.Sort(labels)
		all[m[1]] = described{labels: labels}
	}
	return all
}

var (
	metricRow  = regexp.MustCompile("(?m)^\\| `(burnline_\\w+)` \\| (\\w+) \\| ([^|]*)\\|")
	labelOfRow = regexp.MustCompile("(?:^|; )`(\\w+)`")
)

// documentedMetrics reads the tables of docs/metrics.md.
func documentedMetrics(t *testing.T) map[string]described {
	t.Helper()
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]described{}
	for _, row := range metricRow.FindAllStringSubmatch(string(doc), -1) {
		var labels []string
		for _, l := range labelOfRow.FindAllStringSubmatch(row[3], -1) {
			labels = append(labels, l[1])
		}
		slices.Sort(labels)
		all[row[1]] = described{kind: row[2], labels: labels}
	}
	return all
}
