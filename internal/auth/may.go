package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Access is what a request does; who may do that follows from it.
type Access int

const (
	// ToAll answers anybody: health checks, assets, and what is signed by who sends it.
	ToAll Access = iota + 1
	// ToShow tells what Burnline knows.
	ToShow
	// ToOwn changes what is the asker's own: the password, tokens, being signed in.
	ToOwn
	// ToChange changes something for the teams that it concerns.
	ToChange
	// ToRule changes what everybody relies on, or what can't be undone, or tells who has access.
	ToRule
	// ToFeed takes in telemetry, alerts, or changes from programs.
	ToFeed
)

// May decides whether somebody may do something that concerns teams, and says in a sentence why
// not. A team "" is that of what belongs to none.
func May(who Who, access Access, teams []string) (ok bool, reason string) {
	switch {
	case access == ToAll:
		return true, ""
	case who.Way == Nobody:
		return false, "Sign in first."
	case who.Way == Open && access == ToOwn:
		return false, "Sign-in is off, so nobody has an account."
	case who.Way == Open:
		return true, ""
	}
	switch access {
	case ToShow:
		return need(who, Viewer)
	case ToOwn:
		if who.Way != BySession {
			return false, "Only who is signed in changes the own account; a token does not."
		}
		return true, ""
	case ToChange:
		if ok, reason := need(who, Editor); !ok {
			return false, reason
		}
		return ofTeams(who, teams)
	case ToRule:
		return need(who, Admin)
	case ToFeed:
		if !who.Feeds {
			return false, "This takes a token with the scope ingest."
		}
		return true, ""
	}
	return false, "Nobody may do this."
}

// need asks for a role.
func need(who Who, role Role) (bool, string) {
	if who.Role.AtLeast(role) {
		return true, ""
	}
	is := "no role"
	if who.Role != "" {
		is = "the role " + string(who.Role)
	}
	if who.Way == ByToken {
		return false, fmt.Sprintf("This takes a token with the scope %s; this one gives %s.", scopeOf(role), is)
	}
	return false, fmt.Sprintf("This takes the role %s; you have %s.", role, is)
}

// ofTeams asks for all of some teams.
func ofTeams(who Who, teams []string) (bool, string) {
	var others []string
	for _, team := range teams {
		if !who.Has(team) && !slices.Contains(others, team) {
			others = append(others, team)
		}
	}
	if len(others) == 0 {
		return true, ""
	}
	slices.Sort(others)
	const most = 5
	if len(others) > most {
		others = append(others[:most], fmt.Sprintf("%d more", len(others)-most))
	}
	return false, "This concerns " + strings.Join(others, ", ") + ", and you act for " + listed(who.Teams) + "."
}

// listed names teams.
func listed(teams []string) string {
	if len(teams) == 0 {
		return "no team"
	}
	return strings.Join(teams, ", ")
}
