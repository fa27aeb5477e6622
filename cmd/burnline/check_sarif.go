package main

import (
	"cmp"
	"io"
	"net/url"
	"path/filepath"

	"burnline/internal/app"
	"burnline/slo"
)

// The SARIF 2.1.0 that check writes: the little of the standard that tools for
// code review read (OASIS, "Static Analysis Results Interchange Format").
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     slo.Level       `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
)

// sarifRuleID is the one rule: findings are told apart by what they say.
const sarifRuleID = "slo"

// checkedSARIF prints the findings for tools that show them beside the code. Their
// levels are those of SARIF.
func checkedSARIF(out io.Writer, c checked) error {
	results := []sarifResult{}
	for _, f := range c.Findings {
		results = append(results, sarifResult{
			RuleID: sarifRuleID, Level: cmp.Or(f.Level, slo.LevelError),
			Message: sarifText{sarifMessage(f)}, Locations: sarifLocations(f),
		})
	}
	return writeJSON(out, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{sarifDriver{
				Name: "burnline", Version: app.Version(),
				Rules: []sarifRule{{ID: sarifRuleID, ShortDescription: sarifText{"An SLO that can't be read, or can't work as it is meant"}}},
			}},
			Results: results,
		}},
	})
}

// sarifMessage is the finding without its place.
func sarifMessage(f slo.Finding) string {
	text := f.Message
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	if f.Instead != "" {
		text += "; " + f.Instead
	}
	return text
}

func sarifLocations(f slo.Finding) []sarifLocation {
	if f.File == "" {
		return nil
	}
	at := sarifPhysical{Artifact: sarifArtifact{(&url.URL{Path: filepath.ToSlash(f.File)}).String()}}
	if f.Line > 0 {
		at.Region = &sarifRegion{Line: f.Line, Column: f.Column}
	}
	return []sarifLocation{{at}}
}
