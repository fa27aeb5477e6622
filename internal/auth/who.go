package auth

import (
	"context"
	"slices"
)

// Role is what a person may do, each role all that the ones before it may.
type Role string

// The roles. A viewer sees everything but who has access. An editor changes what concerns the own
// teams: acknowledges, silences, corrects. An admin changes everything and lets people in.
const (
	Viewer Role = "viewer"
	Editor Role = "editor"
	Admin  Role = "admin"
)

// Roles are all roles, the one that may least first.
func Roles() []Role { return []Role{Viewer, Editor, Admin} }

// rank is how much a role may; 0 for one that there is not.
func (r Role) rank() int { return slices.Index(Roles(), r) + 1 }

// AtLeast reports whether a role may all that another one may. What is no role may nothing.
func (r Role) AtLeast(other Role) bool { return r.rank() > 0 && r.rank() >= other.rank() }

// lesser is the role of two that may less.
func lesser(a, b Role) Role {
	if a.rank() < b.rank() {
		return a
	}
	return b
}

// EveryTeam stands among the teams of who acts for all of them.
const EveryTeam = "*"

// Way is how somebody got in.
type Way string

// The ways. Nobody has not said who they are; Open is everybody where sign-in is off.
const (
	Nobody    Way = ""
	Open      Way = "open"
	BySession Way = "session"
	ByToken   Way = "token"
	// ByCertificate is a client certificate that TLS has verified; it only feeds.
	ByCertificate Way = "certificate"
)

// Who is somebody or something that asks. The zero value is nobody.
type Who struct {
	// Name is what is written of who acts; "" for nobody, and where sign-in is off.
	Name string
	Way  Way
	// Role is what they may at most; "" for a token that only feeds.
	Role Role
	// Feeds says that telemetry and alerts are taken from it.
	Feeds bool
	// Teams are those whose things an editor may change, EveryTeam for all.
	Teams []string
	// User is the user's name; "" for a token that belongs to nobody. Session and Token identify
	// what they got in by, as it is stored.
	User, Session, Token string
}

// Anyone is who asks where sign-in is off.
func Anyone() Who { return Who{Way: Open, Role: Admin, Feeds: true, Teams: []string{EveryTeam}} }

// Has reports whether something of a team is theirs. What belongs to no team is everybody's.
func (w Who) Has(team string) bool {
	return team == "" || w.Role == Admin || slices.Contains(w.Teams, EveryTeam) || slices.Contains(w.Teams, team)
}

// whoKey finds who asks in a context.
type whoKey struct{}

// With returns a context that knows who asks.
func With(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// From returns who asks; nobody where that was never found out.
func From(ctx context.Context) Who {
	w, _ := ctx.Value(whoKey{}).(Who)
	return w
}
