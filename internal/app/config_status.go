package app

import (
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"burnline/alerting/statuspage"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// StatusPageConfig says what customers read at /status; without journeys there is no such page.
type StatusPageConfig struct {
	// Listen serves the page apart, on an address of its own where nothing else is; "" does not.
	Listen string `yaml:"listen"`
	// URL is where customers open it; "" derives it from the address.
	URL string `yaml:"url"`
	// Title is the page's name.
	Title string `yaml:"title"`
	// Timezone is that of its days, an IANA name.
	Timezone string `yaml:"timezone"`
	// PublicIncidents shows since when customers are hurt before anybody wrote of it.
	PublicIncidents bool `yaml:"public_incidents"`
	// Journeys are what customers want to do.
	Journeys []StatusJourney `yaml:"journeys"`
}

// StatusJourney is one thing that customers want to do.
type StatusJourney struct {
	// Name and Description are what customers read.
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	// SLOs are the IDs of those behind it, Journey the journey that their definitions name: one of both.
	SLOs    []string `yaml:"slos"`
	Journey string   `yaml:"journey"`
}

// DefaultStatusPage is what holds of a status page where nothing else is said.
func DefaultStatusPage() StatusPageConfig {
	return StatusPageConfig{Title: "Status", Timezone: "UTC", PublicIncidents: true}
}

// page is the configuration as the page takes it. One that was not found wrong has a time zone.
func (c *StatusPageConfig) page() statuspage.Config {
	out := statuspage.Config{Title: c.Title, Zone: time.UTC, PublicIncidents: c.PublicIncidents}
	if zone, err := time.LoadLocation(c.Timezone); err == nil {
		out.Zone = zone
	}
	for _, j := range c.Journeys {
		out.Journeys = append(out.Journeys, statuspage.JourneyConfig(j))
	}
	return out
}

// validate returns what is wrong with the page.
func (c *StatusPageConfig) validate() slo.Findings {
	const key = "status_page"
	var findings slo.Findings
	if c.Listen != "" {
		_, port, err := net.SplitHostPort(c.Listen)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			findings = append(findings, wrong(key+".listen", fmt.Sprintf("%q is no host:port", c.Listen), "write one such as 0.0.0.0:9910"))
		}
	}
	if c.URL != "" {
		findings = append(findings, yamlconf.WebAddress(key+".url", c.URL, "https://status.example.com/status")...)
	}
	if strings.TrimSpace(c.Title) == "" {
		findings = append(findings, wrong(key+".title", "the page has no name", "write one such as Example's status, or leave it out"))
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "Local" {
		findings = append(findings, wrong(key+".timezone", fmt.Sprintf("%q is no time zone", c.Timezone), "write an IANA name such as Europe/Berlin"))
	}
	if len(c.Journeys) == 0 && (c.Listen != "" || c.URL != "") {
		findings = append(findings, wrong(key+".journeys", "a page without journeys tells nothing", "name at least one, with slos or journey"))
	}
	return append(findings, c.validateJourneys()...)
}

func (c *StatusPageConfig) validateJourneys() slo.Findings {
	var findings slo.Findings
	taken := map[string]string{}
	for i := range c.Journeys {
		j := statuspage.JourneyConfig(c.Journeys[i])
		key := fmt.Sprintf("status_page.journeys[%d]", i)
		switch slug := j.Slug(); {
		case slug == "":
			findings = append(findings, wrong(key+".name", fmt.Sprintf("%q is no name that customers can read", j.Name), "write one with letters, such as Buying"))
		case taken[slug] != "":
			findings = append(findings, wrong(key+".name", fmt.Sprintf("%q has the address of %q", j.Name, taken[slug]), "write another name"))
		default:
			taken[slug] = j.Name
		}
		if (len(j.SLOs) == 0) == (j.Journey == "") {
			findings = append(findings, wrong(key+".slos", "it has to be said what is behind it, in one way", "write one of slos: [checkout/availability] and journey: buy"))
		}
		for n, p := range j.SLOs {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				findings = append(findings, wrong(fmt.Sprintf("%s.slos[%d]", key, n), fmt.Sprintf("%q is no ID of an SLO", p), "write one such as checkout/availability or checkout/*"))
			}
		}
	}
	return findings
}

// unpromised warns of journeys of the status page that nothing is behind.
func (s *settings) unpromised() slo.Findings {
	var findings slo.Findings
	for i := range s.Config.StatusPage.Journeys {
		j := statuspage.JourneyConfig(s.Config.StatusPage.Journeys[i])
		var all []*slo.Definition
		for n := range s.Definitions {
			all = append(all, &s.Definitions[n])
		}
		if len(j.Behind(all)) == 0 {
			f := wrong(fmt.Sprintf("status_page.journeys[%d]", i), fmt.Sprintf("no SLO is behind %q, so customers read that there is no data", j.Name), "correct slos or journey")
			f.Level, f.Source = slo.LevelWarning, slo.Source{File: s.ConfigPath}
			findings = append(findings, f)
		}
	}
	return findings
}
