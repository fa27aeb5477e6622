package spec

import (
	"errors"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/corrections"
)

// correctionDocument is a document of kind Correction as it is written.
type correctionDocument struct {
	APIVersion string             `yaml:"apiVersion"`
	Kind       string             `yaml:"kind"`
	Metadata   correctionMetadata `yaml:"metadata"`
	Spec       correctionBody     `yaml:"spec"`
}

type correctionMetadata struct {
	Name string `yaml:"name"`
}

type correctionBody struct {
	Kind     string   `yaml:"kind"`
	SLOs     []string `yaml:"slos"`
	Services []string `yaml:"services"`
	Teams    []string `yaml:"teams"`
	Journeys []string `yaml:"journeys"`
	From     string   `yaml:"from"`
	To       string   `yaml:"to"`
	Timezone string   `yaml:"timezone"`
	RRule    string   `yaml:"rrule"`
	Reason   string   `yaml:"reason"`
	Author   string   `yaml:"author"`
}

// correction reads a document of kind Correction.
func (r *reader) correction() slo.Correction {
	var in correctionDocument
	r.findings = r.doc.Decode(&in)
	c, err := corrections.Input{
		ID: in.Metadata.Name, Kind: slo.CorrectionKind(in.Spec.Kind),
		SLOs: in.Spec.SLOs, Services: in.Spec.Services, Teams: in.Spec.Teams, Journeys: in.Spec.Journeys,
		From: in.Spec.From, To: in.Spec.To, Rule: in.Spec.RRule, Zone: in.Spec.Timezone,
		Reason: in.Spec.Reason, Author: in.Spec.Author,
	}.Correction()
	c.Source = slo.Source{File: r.doc.File(), Line: r.doc.Line()}
	var problems slo.Problems
	if !errors.As(err, &problems) && err != nil {
		r.wrong("spec", err.Error(), "")
	}
	for _, p := range problems {
		path := "spec." + p.Field
		if p.Field == "id" {
			path = "metadata.name"
		}
		if !r.unread(path) {
			r.wrong(path, p.Message, p.Instead)
		}
	}
	return c
}

// concerns warns of corrections that fit no SLO, and keeps the first of each ID.
func concerns(all []slo.Correction, defs []slo.Definition, docs map[slo.Source]*yamlconf.Document) ([]slo.Correction, slo.Findings) {
	first := map[string]slo.Source{}
	var kept []slo.Correction
	var findings slo.Findings
	for i := range all {
		c := &all[i]
		doc := docs[c.Source]
		if at, taken := first[c.ID]; taken {
			findings = append(findings, doc.Finding("metadata.name", "the correction "+c.ID+" exists already, at "+at.String(), "give it another name"))
			continue
		}
		first[c.ID] = c.Source
		kept = append(kept, *c)
		fits := len(defs) == 0 // checked by itself
		for d := range defs {
			fits = fits || c.Applies(&defs[d])
		}
		if !fits {
			findings = append(findings, doc.Warning("spec", "it concerns none of the SLOs", "correct slos, services and teams, or remove the correction"))
		}
	}
	return kept, findings
}
