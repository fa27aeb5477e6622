package slo

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// ChangeQuery asks which changes an incident may rest on.
type ChangeQuery struct {
	// Service is whose SLO breached.
	Service string
	// DependsOn are the services that it depends on, nearest first.
	DependsOn []string
	// Start is when the breach began, by data time.
	Start time.Time
	// Where is which events fail; nil is not known.
	Where *Where
	// Most bounds the answer. Default 5.
	Most int
}

const (
	// changeReach is how long before the start a change is plausible at all.
	changeReach = 24 * time.Hour
	// changeSlack is how long after the start one is still thought of: clocks differ, and
	// the start is that of the first bad events, not of the cause.
	changeSlack = 5 * time.Minute
	// changeHalf is in what time before the start a change loses half of its plausibility.
	changeHalf = time.Hour
	// mostChanges is Most where nothing is said.
	mostChanges = 5
)

// How plausible a change is by what it changed, and by what it has in common with where it
// fails. They are judgements, and only their order matters.
const (
	ofService    = 1.0
	ofDependency = 0.6
	ofAll        = 0.4
	ofAnother    = 0.15
	matchingPart = 4.0
	otherPart    = 0.2
	afterStart   = 0.05
)

// NearestChanges returns the changes that an incident may rest on, the most plausible first:
// that of its own service before that of a dependency, that of a version, a flag or a
// part in which events fail before one that concerns another part, and a near one before one of
// long ago. A change after the start is hardly plausible, and one of a service that has nothing to
// do with it is named only where what fails bears its version or label.
func NearestChanges(changes []ChangeEvent, q ChangeQuery) []NearChange {
	type rated struct {
		NearChange
		points float64
	}
	var all []rated
	for _, c := range changes {
		before := q.Start.Sub(c.At)
		if before > changeReach || before < -changeSlack || told(&c, changes) {
			continue
		}
		points, reason := q.relation(&c)
		fit, why := q.fit(&c)
		switch {
		case points == ofAnother && fit != matchingPart:
			continue
		case why != "":
			reason += "; " + why
		}
		points *= fit
		if before < 0 {
			points *= afterStart
			reason += "; after the start"
		} else {
			points *= math.Exp2(-float64(before) / float64(changeHalf))
		}
		all = append(all, rated{NearChange{Change: c, Before: before, Reason: reason}, points})
	}
	slices.SortStableFunc(all, func(a, b rated) int {
		return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(a.Before.Abs(), b.Before.Abs()), cmp.Compare(a.Change.ID, b.Change.ID))
	})
	if q.Most <= 0 {
		q.Most = mostChanges
	}
	var near []NearChange
	for _, r := range all[:min(len(all), q.Most)] {
		near = append(near, r.NearChange)
	}
	return near
}

// told reports whether a version that telemetry showed is that of a change that somebody told of:
// both are one.
func told(c *ChangeEvent, all []ChangeEvent) bool {
	return c.Kind == ChangeVersion && slices.ContainsFunc(all, func(o ChangeEvent) bool {
		return o.Kind != ChangeVersion && o.Service == c.Service && o.Version == c.Version && o.At.Sub(c.At).Abs() < changeReach
	})
}

// relation is how plausible a change is by the service that it changed, and why.
func (q *ChangeQuery) relation(c *ChangeEvent) (float64, string) {
	switch {
	case c.Service == "":
		return ofAll, "it concerns all services"
	case c.Service == q.Service:
		return ofService, "same service"
	case slices.Contains(q.DependsOn, c.Service):
		return ofDependency, "a dependency, " + c.Service
	}
	return ofAnother, "another service, " + c.Service
}

// fit compares a change with where events fail: it matches, concerns another part, or says
// nothing of it.
func (q *ChangeQuery) fit(c *ChangeEvent) (float64, string) {
	if q.Where == nil {
		return 1, ""
	}
	other := ""
	for _, x := range q.Where.Explanations {
		for _, l := range x.Labels {
			said, about := q.says(c, l.Name)
			switch {
			case about && said == l.Value:
				return matchingPart, "it fails in " + l.Name + "=" + l.Value
			case about && other == "":
				other = "it fails in " + l.Name + "=" + l.Value + ", and this was " + said
			}
		}
	}
	if other != "" {
		return otherPart, other
	}
	return 1, ""
}

// says returns what a change says of an attribute of events, by the last part of its name:
// the version of service.version, the region of cloud.region. A version is that of the service
// that the attribute names, and without one of the service that breached.
func (q *ChangeQuery) says(c *ChangeEvent, attribute string) (string, bool) {
	word := lastWord(attribute)
	if word == "version" && c.Version != "" {
		of := strings.TrimRight(strings.TrimSuffix(attribute, word), "._")
		own := (of == "" || of == "service") && (c.Service == q.Service || c.Service == "")
		return c.Version, own || c.Service != "" && of == strings.Map(underscored, c.Service) || of == c.Service
	}
	for name, value := range c.Labels {
		if name == attribute || lastWord(name) == word {
			return value, true
		}
	}
	return "", false
}

// underscored turns what no label's name may hold into an underscore.
func underscored(r rune) rune {
	if r == '-' || r == '.' || r == '/' {
		return '_'
	}
	return r
}

// lastWord is the last part of a name such as service.version or service_version.
func lastWord(name string) string {
	return name[strings.LastIndexAny(name, "._")+1:]
}
