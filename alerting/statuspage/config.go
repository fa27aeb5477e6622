package statuspage

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"burnline/slo"
)

// Days is how far back the page tells.
const Days = 90

// Config says what the page tells of.
type Config struct {
	// Title is the page's name.
	Title string
	// Journeys are what customers want to do, in the order of the page.
	Journeys []JourneyConfig
	// Zone is the time zone of its days and times. Required.
	Zone *time.Location
	// PublicIncidents shows that customers are hurt, and since when, before anybody wrote of it. The
	// state of now is shown in any case.
	PublicIncidents bool
}

// JourneyConfig is one thing that customers want to do.
type JourneyConfig struct {
	// Name and Description are what customers read.
	Name, Description string
	// SLOs are IDs of the promises behind it, in which * stands for any text without a slash; Journey
	// is the journey that their definitions name. What is given picks SLOs on its own.
	SLOs    []string
	Journey string
}

// Holds reports whether an SLO is behind the journey.
func (j *JourneyConfig) Holds(d *slo.Definition) bool {
	return j.Journey != "" && d.Journey == j.Journey || j.names(d.ID)
}

// names reports whether an SLO is named, also one that there is no more.
func (j *JourneyConfig) names(id string) bool {
	return slices.ContainsFunc(j.SLOs, func(p string) bool {
		ok, err := path.Match(p, id)
		return err == nil && ok
	})
}

// Slug is the journey's name as addresses have it: letters, digits and hyphens; "" where the
// name has neither letters nor digits.
func (j *JourneyConfig) Slug() string {
	words := strings.FieldsFunc(strings.ToLower(j.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// zoned is a moment in the page's time zone.
func (c *Config) zoned(t time.Time) time.Time { return t.In(c.Zone) }
