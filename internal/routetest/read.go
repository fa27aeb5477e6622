package routetest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/internal/alertconf"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read reads a file of tests. What is wrong comes back as findings with their lines; the
// error is for a file that can't be read.
func Read(path string) (File, slo.Findings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, nil, fmt.Errorf("read tests: %w", err)
	}
	f, findings := read(data, path)
	return f, findings, nil
}

// read reads what a file holds.
func read(data []byte, path string) (File, slo.Findings) {
	f := File{Alerting: alertconf.DefaultConfig()}
	doc, findings := yamlconf.Decode(data, &f, yamlconf.Options{File: path, ExpandEnv: true, Defaults: alertconf.Defaults()})
	if doc == nil {
		if len(findings) == 0 {
			findings = slo.Findings{{Source: slo.Source{File: path}, Level: slo.LevelError, Message: "the file holds no tests", Instead: "write tests: [...]"}}
		}
		return f, findings
	}
	dir := filepath.Dir(path)
	if doc.Has("alerting") {
		// What it says of secrets that are not here is of no matter.
		findings = alertconf.Routes(f.Alerting.Finish(doc, findings, dir))
	}
	f.Config = beside(f.Config, dir)
	for i := range f.SLOs {
		f.SLOs[i] = beside(f.SLOs[i], dir)
	}
	c := check{doc: doc}
	c.file(&f)
	return f, doc.Add(findings, c.findings...)
}

// beside lets a path start from the file's folder.
func beside(path, dir string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// check gathers what is wrong with a file, by path.
type check struct {
	doc      *yamlconf.Document
	findings slo.Findings
}

func (c *check) wrong(path, message, instead string) {
	c.findings = append(c.findings, slo.Finding{Path: path, Level: slo.LevelError, Message: message, Instead: instead})
}

func (c *check) file(f *File) {
	switch inline := c.doc.Has("alerting"); {
	case f.Config == "" && !inline:
		c.wrong("config", "the configuration is missing", "write config: burnline.yaml, config: alertmanager.yml, or alerting: with its keys")
	case f.Config != "" && inline:
		c.wrong("alerting", "both config and alerting are given", "keep one")
	}
	if _, err := time.LoadLocation(f.Timezone); err != nil {
		c.wrong("timezone", fmt.Sprintf("%q is no time zone", f.Timezone), "write one such as Europe/Berlin")
	}
	if len(f.Tests) == 0 {
		c.wrong("tests", "there are no tests", "write at least one with a name, events and expect")
	}
	for i := range f.Tests {
		c.test(&f.Tests[i], fmt.Sprintf("tests[%d]", i))
	}
}

func (c *check) test(t *Test, at string) {
	t.source = c.doc.Finding(at, "", "").Source
	if t.Name == "" {
		c.wrong(at+".name", "the test has no name", "write a sentence that says what has to hold")
	}
	if t.Day == "" {
		t.Day = "2026-03-02"
	}
	if _, err := time.Parse(time.DateOnly, t.Day); err != nil {
		c.wrong(at+".day", fmt.Sprintf("%q is no day", t.Day), "write one such as 2026-03-02")
	}
	if !slices.Contains([]string{"", "refused", "allowed"}, t.Others) {
		c.wrong(at+".others", fmt.Sprintf("%q is unknown", t.Others), "write refused or allowed")
	}
	if len(t.Expect) == 0 {
		c.wrong(at+".expect", "the test expects nothing, so it can't fail", "say who gets what")
	}
	for i := range t.Events {
		c.event(&t.Events[i], fmt.Sprintf("%s.events[%d]", at, i))
	}
	for i := range t.Expect {
		e, at := &t.Expect[i], fmt.Sprintf("%s.expect[%d]", at, i)
		e.source = c.doc.Finding(at, "", "").Source
		c.expect(e, at)
	}
}

func (c *check) event(e *Event, at string) {
	if !e.At.set {
		c.wrong(at+".at", "the time is missing", `write at: "10:02"`)
	}
	n := 0
	for _, given := range []bool{e.Fires != nil, e.Resolves != nil, e.Opens != "", e.Joins != nil, e.Closes != "", e.Silence != nil, e.Acknowledge != ""} {
		if given {
			n++
		}
	}
	if n != 1 {
		c.wrong(at, fmt.Sprintf("%d things happen in one event", n), "write exactly one of fires, resolves, opens, joins, closes, silence, acknowledge")
	}
	if (e.Opens != "" || e.Joins != nil || e.Closes != "") && e.SLO == "" {
		c.wrong(at+".slo", "it is missing", "write the ID of an SLO, such as slo: checkout/availability")
	}
	for key, s := range map[string]slo.Severity{"opens": e.Opens, "closes": e.Closes} {
		if s != "" && s != slo.Page && s != slo.Ticket {
			c.wrong(at+"."+key, fmt.Sprintf("%q is no severity", s), "write page or ticket")
		}
	}
	if e.Acknowledge != "" && e.SLO == "" && len(e.Of) == 0 {
		c.wrong(at, "what is acknowledged is missing", "name it by slo, or by labels: of: {alertname: DiskFull}")
	}
	if e.Bad < 0 || e.Total < 0 || e.Bad > e.Total && e.Total > 0 || e.Burn < 0 {
		c.wrong(at, "bad, total and burn can't be so", "write 0 <= bad <= total, and a burn of 0 or more")
	}
}

func (c *check) expect(e *Expect, at string) {
	switch {
	case e.At.set && (e.From.set || e.To.set):
		c.wrong(at+".at", "both a moment and a span are given", "write at, or from and to")
	case !e.At.set && (!e.From.set || !e.To.set):
		c.wrong(at, "the time is missing", `write at: "10:02", or from: "10:00" and to: "11:00"`)
	case !e.At.set && e.To.Since <= e.From.Since:
		c.wrong(at+".to", "the span ends before it begins", "write a later time; the night after goes on as 24:00, 25:30")
	}
	switch {
	case e.Gets == "" && e.Quiet == "":
		c.wrong(at, "what is expected is missing", "write gets: trigger, or quiet: silenced")
	case e.Gets != "" && e.Quiet != "":
		c.wrong(at, "both gets and quiet are given", "make two expectations of it")
	case e.Gets != "" && !slices.Contains([]string{"trigger", "update", "resolve", "acknowledge", nothing}, e.Gets):
		c.wrong(at+".gets", fmt.Sprintf("%q is no message", e.Gets), "write trigger, update, resolve, acknowledge or nothing")
	case e.Gets != "" && e.Gets != nothing && e.Receiver == "":
		c.wrong(at+".receiver", "it is missing", "name the receiver that gets it")
	}
	if e.Quiet != "" {
		c.quiet(e, at)
	}
	if e.Text.Regex != "" {
		if _, err := regexp.Compile(e.Text.Regex); err != nil {
			c.wrong(at+".text.regex", err.Error(), "write a regular expression of Go")
		}
	}
}

func (c *check) quiet(e *Expect, at string) {
	fates := []alerting.Fate{alerting.FateSilenced, alerting.FateInhibited, alerting.FateMuted, alerting.FateMerged, alerting.FateHeld, alerting.FateNobody}
	if !slices.Contains(fates, e.Quiet) {
		c.wrong(at+".quiet", fmt.Sprintf("%q is no reason", e.Quiet), "write silenced, inhibited, muted, merged, held or nobody")
	}
	if !e.At.set {
		c.wrong(at+".at", "it is missing", "say at what moment it is quiet")
	}
	if e.SLO == "" && len(e.Of) == 0 {
		c.wrong(at, "what is quiet is missing", "name it by slo, or by labels: of: {alertname: DiskFull}")
	}
}

// nothing is what a receiver gets that is not told.
const nothing = "nothing"
