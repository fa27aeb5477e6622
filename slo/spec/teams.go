package spec

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/valid"
)

// teamsDocument is a document of kind Teams as it is written.
type teamsDocument struct {
	APIVersion string          `yaml:"apiVersion"`
	Kind       string          `yaml:"kind"`
	Teams      map[string]team `yaml:"teams"`
}

type team struct {
	Owners           []string `yaml:"owners"`
	PagerDutyKeyFile string   `yaml:"pagerduty_key_file"`
	PagerDutyKey     string   `yaml:"pagerduty_key"`
	SlackChannel     string   `yaml:"slack_channel"`
	Live             bool     `yaml:"live"`
	Parent           string   `yaml:"parent"`
	Timezone         string   `yaml:"timezone"`
}

// slackChannel matches a channel's name, or its ID.
var slackChannel = regexp.MustCompile(`^(#[^\s,]{1,80}|[CG][A-Z0-9]{6,})$`)

// teams reads a document of kind Teams, in which ${env:NAME} expands: keys are
// secrets. A file of a key is looked for beside the document.
func (r *reader) teams() []slo.Team {
	var keys []string // teams whose key is written out
	var plain teamsDocument
	if r.doc.Decode(&plain).Errors() == nil {
		for _, name := range slices.Sorted(maps.Keys(plain.Teams)) {
			if key := plain.Teams[name].PagerDutyKey; key != "" && !strings.HasPrefix(key, "${env:") {
				keys = append(keys, name)
			}
		}
	}
	r.findings = r.doc.ExpandEnv()
	var in teamsDocument
	r.findings = append(r.findings, r.doc.Decode(&in)...)
	if len(in.Teams) == 0 && len(r.findings) == 0 {
		r.wrong("teams", "it names no team", "write teams: {payments: {owners: [ann@example.com]}}, or remove the document")
	}
	var all []slo.Team
	for _, name := range slices.Sorted(maps.Keys(in.Teams)) {
		path, t := "teams."+name, in.Teams[name]
		r.refuse(path, valid.Words(name, "payments"))
		if name == "" || name != strings.TrimSpace(name) {
			r.wrong(path, fmt.Sprintf("%q is no team's name", name), "write it as the SLOs do, such as payments")
		}
		if t.SlackChannel != "" && !slackChannel.MatchString(t.SlackChannel) {
			r.wrong(path+".slack_channel", fmt.Sprintf("%q is no channel", t.SlackChannel), `write its name in quotes, such as "#payments", or its ID`)
		}
		if _, err := time.LoadLocation(t.Timezone); err != nil || t.Timezone == "Local" {
			r.wrong(path+".timezone", fmt.Sprintf("%q is no time zone", t.Timezone), "write an IANA name such as Europe/Berlin")
		}
		if t.PagerDutyKey != "" && t.PagerDutyKeyFile != "" {
			r.wrong(path+".pagerduty_key", "both pagerduty_key and pagerduty_key_file are given", "keep one of them")
		}
		if slices.Contains(keys, name) {
			r.warn(path+".pagerduty_key", "the key stands in the file, where everybody can read it", `write pagerduty_key_file, or "${env:NAME}"`)
		}
		file := t.PagerDutyKeyFile
		if file != "" && !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(r.doc.File()), file)
		}
		all = append(all, slo.Team{
			Name: name, Owners: t.Owners, PagerDutyKeyFile: file, PagerDutyKey: t.PagerDutyKey,
			SlackChannel: t.SlackChannel, Live: t.Live, Parent: t.Parent, Zone: t.Timezone,
			Source: slo.Source{File: r.doc.File(), Line: r.doc.Finding(path, "", "").Line},
		})
	}
	return all
}

// family checks what teams say of each other: each exists once, parents exist,
// and nobody is above themselves. docs are the documents by the source of the teams.
func family(all []slo.Team, docs map[slo.Source]*yamlconf.Document) ([]slo.Team, slo.Findings) {
	byName := map[string]slo.Team{}
	var kept []slo.Team
	var findings slo.Findings
	for _, t := range all {
		if first, taken := byName[t.Name]; taken {
			findings = append(findings, docs[t.Source].Finding("teams."+t.Name, "the team exists already, at "+first.Source.String(), "keep one of them"))
			continue
		}
		byName[t.Name] = t
		kept = append(kept, t)
	}
	for _, t := range kept {
		path := "teams." + t.Name + ".parent"
		if t.Parent == "" {
			continue
		}
		if _, known := byName[t.Parent]; !known {
			findings = append(findings, docs[t.Source].Finding(path, fmt.Sprintf("there is no team %q", t.Parent),
				"write one of "+strings.Join(slices.Sorted(maps.Keys(byName)), ", ")))
			continue
		}
		if circle := circleOf(t, byName); circle != nil && slices.Min(circle) == t.Name {
			findings = append(findings, docs[t.Source].Finding(path, "the teams are above each other in a circle: "+
				strings.Join(append(circle, t.Name), " → "), "remove the parent of the topmost team"))
		}
	}
	return kept, findings
}

// circleOf returns the teams from t upwards when they lead back to t, else nil.
func circleOf(t slo.Team, byName map[string]slo.Team) []string {
	chain := []string{t.Name}
	for up := t.Parent; up != ""; up = byName[up].Parent {
		if up == t.Name {
			return chain
		}
		if slices.Contains(chain, up) {
			return nil // a circle of others
		}
		chain = append(chain, up)
	}
	return nil
}
