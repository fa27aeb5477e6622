// Package sloth reads and writes SLOs in Sloth's forms, version: prometheus/v1 and Kubernetes'
// PrometheusServiceLevel, and says of everything that can't be carried over what becomes of it.
package sloth

import (
	"fmt"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/foreign"
)

const (
	fileVersion     = "prometheus/v1"
	resourceVersion = "sloth.slok.dev/v1"
	resourceKind    = "PrometheusServiceLevel"
	windowsKind     = "AlertWindows"
	// defaultPeriod is Sloth's default of --default-slo-period.
	defaultPeriod = 30 * 24 * time.Hour
)

type duration = time.Duration

// Read turns all Sloth documents of one load into definitions. An AlertWindows document among
// them holds for all of them, as Sloth's own flags make it.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var unneeded foreign.Unneeded
	var files []*reader
	var all []*periodWindows
	for _, doc := range docs {
		r := &reader{Report: foreign.Report{Doc: doc}, unneeded: &unneeded}
		if doc.Text("kind") == windowsKind {
			all = append(all, r.windows())
		}
		files = append(files, r)
	}
	chosen := choose(all)
	var defs []slo.Definition
	for _, r := range files {
		if r.Doc.Text("kind") != windowsKind {
			defs = append(defs, r.definitions(chosen)...)
		}
	}
	chosen.report(len(defs))
	var findings slo.Findings
	for _, r := range files {
		findings = append(findings, r.Findings...)
	}
	return defs, append(findings, unneeded.Findings()...)
}

// reader turns one document into definitions.
type reader struct {
	foreign.Report
	unneeded *foreign.Unneeded
	// kubernetes is true for a resource: keys are in camelCase, below spec.
	kubernetes bool
}

// path returns where a key of version: prometheus/v1 stands in this document.
func (r *reader) path(format string, args ...any) string {
	path := fmt.Sprintf(format, args...)
	if r.kubernetes {
		return "spec." + foreign.Camel(path)
	}
	return path
}

// definitions reads the SLOs of a document. An error of one of them leaves the others.
func (r *reader) definitions(windows *periodWindows) []slo.Definition {
	in, ok := r.decode()
	if !ok {
		return nil
	}
	r.Name(r.path("service"), in.Service, "checkout")
	r.plugins(r.path("slo_plugins"), in.SLOPlugins)
	if len(in.SLOs) == 0 && !r.Failed(r.path("slos")) {
		r.Wrong(r.path("slos"), "the document holds no SLO", "list at least one")
	}
	shared := r.Failed(r.path("service")) || r.Failed(r.path("labels"))
	var defs []slo.Definition
	for i := range in.SLOs {
		d := r.definition(i, in, windows)
		if !shared && !r.Failed(r.path("slos[%d]", i)) {
			defs = append(defs, d)
		}
	}
	return defs
}

// decode reads the document in its own form.
func (r *reader) decode() (body, bool) {
	if r.Doc.Text("version") != "" {
		if v := r.Doc.Text("version"); v != fileVersion {
			r.Wrong("version", fmt.Sprintf("%q is no version of Sloth's files", v), "write version: "+fileVersion)
			return body{}, false
		}
		var in file
		r.Findings = append(r.Findings, r.Doc.DecodeForeign(&in, nil)...)
		return in.body, true
	}
	r.kubernetes = true
	version, kind := r.Doc.Text("apiVersion"), r.Doc.Text("kind")
	if version != resourceVersion {
		r.Wrong("apiVersion", fmt.Sprintf("%q is no version of Sloth's resources", version), "write apiVersion: "+resourceVersion)
		return body{}, false
	}
	if kind != resourceKind {
		r.Wrong("kind", fmt.Sprintf("the kind %q is unknown", kind), "write kind: "+resourceKind+" or "+windowsKind)
		return body{}, false
	}
	var in resource
	r.Findings = append(r.Findings, r.Doc.DecodeForeign(&in, foreign.Camel)...)
	for _, key := range []string{"metadata.labels", "metadata.annotations"} {
		if r.Doc.Has(key) {
			r.Unneeded(r.unneeded, key, "Kubernetes' own labels and annotations choose where rules go, and have no use here", "write labels below spec")
			break
		}
	}
	return in.Spec, true
}

// plugins reports what would change the rules that Sloth generates.
func (r *reader) plugins(path string, in plugins) {
	for i, p := range in.Chain {
		if strings.HasPrefix(p.ID, "sloth.dev/core/") {
			continue // they make the rules that everybody has
		}
		r.Warn(fmt.Sprintf("%s.chain[%d]", path, i),
			fmt.Sprintf("the plugin %s changes rules that Sloth generates; Burnline needs no rules, so it has no effect", p.ID), "")
	}
}
