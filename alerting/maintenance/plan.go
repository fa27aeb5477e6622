package maintenance

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
	"burnline/slo/corrections"
)

// part is one kind of names in a scope: how files and JSON call it, the label of what is told, and
// the names.
type part struct {
	field, label string
	names        []string
}

func parts(s alerting.Scope) []part {
	return []part{{"slos", "slo", s.SLOs}, {"services", "service", s.Services}, {"teams", "team", s.Teams}, {"journeys", "journey", s.Journeys}}
}

// mostPast is how long ago a maintenance may have begun that nobody entered in time.
const mostPast = 24 * time.Hour

// check returns what is wrong with the request itself. What its correction and its silence may not be is
// found when they are made.
func (r *Request) check(now time.Time) slo.Problems {
	found := slices.Clone(r.Unread)
	found.Text("title", "write what customers shall read, such as A new database", r.Title)
	found.Text("reason", "write why, for the team; customers don't read it", r.Reason)
	found.Text("by", "write who answers for it", r.By)
	if !r.From.IsZero() && now.Sub(r.From) > mostPast {
		found.Add("from", "write a moment of the last day; what is over is a correction", "it is more than a day ago")
	}
	given := 0
	for _, p := range parts(r.Scope) {
		given += len(p.names)
		for _, name := range p.names {
			switch {
			case strings.Trim(name, "*/ ") == "" && name != "*/*":
				found.Add(p.field, `name some; slos: ["*/*"] is all of them`, "%.100q picks nothing out", name)
			case strings.ContainsAny(name, `?[]\`):
				found.Add(p.field, "write a name, in which * stands for any text without a slash", "%.100q is no name", name)
			}
		}
	}
	if given == 0 {
		found.Add("slos", "write at least one of slos, services, teams and journeys", "it concerns nothing")
	}
	switch {
	case r.To.IsZero() && slices.ContainsFunc(r.Unread, func(p slo.Problem) bool { return p.Field == "to" || p.Field == "for" }):
	case r.To.IsZero():
		found.Add("to", "write when it ends, or how long it lasts as for, such as 2h", "it is missing")
	case !r.To.After(now):
		found.Add("to", "write a moment that is still to come; what is over is a correction", "it is over already")
	}
	return found
}

// correction is what takes the time out of budgets.
func (r *Request) correction(id string, now time.Time) (slo.Correction, error) {
	c := slo.Correction{
		ID: id, Kind: slo.Maintenance, SLOs: r.SLOs, Services: r.Services, Teams: r.Teams, Journeys: r.Journeys,
		From: r.From.UTC(), To: r.To.UTC(), Reason: r.Reason, Author: r.By, Created: now,
	}
	return c, corrections.Compile(&c)
}

// silence is what asks for quiet.
func (r *Request) silence() silences.Request {
	return silences.Request{StartsAt: r.From, EndsAt: r.To, Author: r.By, Reason: r.Reason, Confirmed: r.Confirmed, Matchers: Matchers(r.Scope)}
}

// Matchers are what the silence of planned work on a scope mutes.
func Matchers(s alerting.Scope) (all labels.Matchers) {
	for _, p := range parts(s) {
		if len(p.names) == 0 {
			continue
		}
		if m, err := matcher(p); err == nil { // check and Compile refuse what is none
			all = append(all, m)
		}
	}
	return all
}

// matcher matches the label to the names.
func matcher(p part) (*labels.Matcher, error) {
	if len(p.names) == 1 && !strings.Contains(p.names[0], "*") {
		return labels.NewMatcher(labels.MatchEqual, p.label, p.names[0])
	}
	some := make([]string, len(p.names))
	for i, name := range p.names {
		pieces := strings.Split(name, "*")
		for j, piece := range pieces {
			pieces[j] = regexp.QuoteMeta(piece)
		}
		some[i] = strings.Join(pieces, "[^/]*")
	}
	return labels.NewMatcher(labels.MatchRegexp, p.label, strings.Join(some, "|"))
}

// merge adds what the makers of the correction or the silence found, in the words of a maintenance. A
// field that has a problem already gets no second one. It returns an error that is no finding.
func merge(found *slo.Problems, err error) error {
	var more slo.Problems
	if err == nil || !errors.As(err, &more) {
		return err
	}
	names := map[string]string{"author": "by", "starts_at": "from", "ends_at": "to", "matchers": "slos"}
	for _, p := range more {
		same := []string{p.Field}
		if name, other := names[p.Field]; other {
			p.Field, same[0] = name, name
		}
		if p.Field == "slos" { // a silence has matchers, not names of several kinds
			same = append(same, "services", "teams", "journeys")
		}
		if !slices.ContainsFunc(*found, func(have slo.Problem) bool { return slices.Contains(same, have.Field) }) {
			*found = append(*found, p)
		}
	}
	return nil
}
