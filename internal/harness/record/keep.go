package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"burnline/rules/packs"
)

// words are what may be the name of a metric in the files of a pack.
var words = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// keep writes what an exporter says of what the pack reads as the pack's recording: without help, under a line that says
// of which programs it is, and of which day. Of each metric it keeps the series that it is told to; all where wanted is nil.
func (s *stage) keep(pack, of string, text []byte, wanted func(labels map[string]string) bool) error {
	read, err := readBy(pack)
	if err != nil {
		return err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read what is said of %s: %w", pack, err)
	}
	var names []string
	for name, family := range families {
		if read(name) {
			family.Help = nil
			family.Metric = slices.DeleteFunc(family.Metric, func(m *dto.Metric) bool { return wanted != nil && !wanted(labelsOf(m)) })
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Recorded by tools/record-packs of %s on %s.\n", of, time.Now().UTC().Format(time.DateOnly))
	for _, name := range names {
		if len(families[name].Metric) == 0 {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(&out, families[name]); err != nil {
			return fmt.Errorf("write the recording of %s: %w", pack, err)
		}
	}
	return os.WriteFile(filepath.Join(s.options.to, pack+".prom"), out.Bytes(), 0o644) //nolint:gosec // a file of the repository
}

// readBy returns what says whether any file of a pack reads a metric.
func readBy(pack string) (func(metric string) bool, error) {
	p, err := packs.Find(pack)
	if err != nil {
		return nil, err
	}
	files, err := p.Files(packs.Options{})
	if err != nil {
		return nil, err
	}
	read := map[string]bool{}
	for _, file := range files {
		for _, word := range words.FindAllString(string(file.Data), -1) {
			read[word] = true
		}
	}
	return func(metric string) bool {
		return read[metric] || read[metric+"_bucket"] || read[metric+"_sum"] || read[metric+"_count"]
	}, nil
}

// labelsOf returns the labels of a series.
func labelsOf(m *dto.Metric) map[string]string {
	labels := map[string]string{}
	for _, pair := range m.Label {
		labels[pair.GetName()] = pair.GetValue()
	}
	return labels
}

// said asks an exporter for its metrics.
func said(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // all was read
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, resp.Status, strings.TrimSpace(string(text)))
	}
	return text, err
}

// labelIn returns a label of the first series of a metric in a text, and "" where it isn't there.
func labelIn(text []byte, metric, label string) string {
	found := regexp.MustCompile(`(?m)^` + metric + `\{[^}]*\b` + label + `="([^"]*)"`).FindSubmatch(text)
	if found == nil {
		return ""
	}
	return string(found[1])
}
