package corrections

import (
	"path"
	"regexp"
	"strings"
	"time"

	"burnline/slo"
)

// Corrections lie between these years: what doesn't is a slip of the pen, and an
// expanded rule stays small.
const (
	firstYear = 2000
	lastYear  = 2100
)

// maxPatterns bounds how many patterns of a kind one correction has.
const maxPatterns = 200

// id is what an ID looks like: it stands in addresses as it is.
var id = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Compile checks the correction and prepares it for use: it sets Schedule
// where the correction recurs. The error, a slo.Problems, says all that is wrong; the correction
// must not be used then.
func Compile(c *slo.Correction) error {
	var found slo.Problems
	c.Schedule = nil
	if !id.MatchString(c.ID) {
		found.Add("id", "write letters, digits, dots, hyphens and underscores, such as deploy-2026-03", "%q is no ID", c.ID)
	}
	if c.Kind != slo.Maintenance && c.Kind != slo.Exclusion {
		found.Add("kind", "write maintenance (alerts are held back as well) or exclusion", "unknown kind %q", c.Kind)
	}
	checkScope(c, &found)
	found.Text("reason", "write why, so that readers of the budget understand it", c.Reason)
	found.Text("author", "write who answers for it", c.Author)
	location, ok := checkZone(c.Zone, &found)
	if checkBounds(c, &found) && ok && c.Rule != "" {
		c.Schedule = recurring(c, location, &found)
	}
	if len(found) > 0 {
		c.Schedule = nil
		return found
	}
	return nil
}

// checkScope checks whom the correction concerns.
func checkScope(c *slo.Correction, found *slo.Problems) {
	if len(c.SLOs)+len(c.Services)+len(c.Teams)+len(c.Journeys) == 0 {
		found.Add("slos", `write at least one of slos, services, teams and journeys; slos: ["*/*"] is all of them`, "it concerns nothing")
	}
	for _, scope := range []struct {
		field    string
		patterns []string
	}{{"slos", c.SLOs}, {"services", c.Services}, {"teams", c.Teams}, {"journeys", c.Journeys}} {
		if len(scope.patterns) > maxPatterns {
			found.Add(scope.field, "write patterns with *", "%d patterns are more than %d", len(scope.patterns), maxPatterns)
			continue
		}
		for _, p := range scope.patterns {
			if strings.TrimSpace(p) == "" {
				found.Add(scope.field, "leave it out, or write * for all", "a pattern is empty")
			} else if _, err := path.Match(p, ""); err != nil || len(p) > slo.MaxText {
				found.Add(scope.field, `write a name, in which * stands for any text without a slash and \ before a sign takes it as it is`, "%.100q is no pattern", p)
			}
		}
	}
}

// CheckAuthor checks the name of somebody who removes a correction. The error is a slo.Problems.
func CheckAuthor(name string) error {
	var found slo.Problems
	found.Text("author", "write who removes it, as in ?author=ada", name)
	if len(found) > 0 {
		return found
	}
	return nil
}

// checkZone returns the time zone; UTC where none is named.
func checkZone(name string, found *slo.Problems) (*time.Location, bool) {
	location, err := zone(name)
	if err != nil {
		found.Add("timezone", "write an IANA name such as Europe/Berlin", "unknown time zone %.100q", name)
	}
	return location, err == nil
}

// checkBounds checks from and to.
func checkBounds(c *slo.Correction, found *slo.Problems) bool {
	before := len(*found)
	for _, one := range []struct {
		field string
		at    time.Time
	}{{"from", c.From}, {"to", c.To}} {
		switch year := one.at.UTC().Year(); {
		case one.at.IsZero():
			found.Add(one.field, "write a moment such as 2026-03-01T02:00:00Z", "it is missing")
		case year < firstYear || year >= lastYear:
			found.Add(one.field, "write a year from 2000 to 2099", "the year %d is out of range", year)
		}
	}
	if len(*found) == before && !c.From.Before(c.To) {
		found.Add("to", "write a later moment; both may carry a time zone of their own", "it ends at %s, not after it begins at %s",
			c.To.Format(time.RFC3339), c.From.Format(time.RFC3339))
	}
	return len(*found) == before
}
