package auth

import "slices"

// Scope is something that a token is for.
type Scope string

// The scopes. Write includes read, and admin both; ingest is apart.
const (
	Read       Scope = "read"
	Write      Scope = "write"
	Administer Scope = "admin"
	Ingest     Scope = "ingest"
)

// Scopes are all scopes.
func Scopes() []Scope { return []Scope{Read, Write, Administer, Ingest} }

// roleOf is the role that a scope gives; "" for one that gives none.
func (s Scope) roleOf() Role {
	switch s {
	case Read:
		return Viewer
	case Write:
		return Editor
	case Administer:
		return Admin
	}
	return ""
}

// scopeOf is the scope that gives a role.
func scopeOf(role Role) Scope {
	i := slices.IndexFunc(Scopes(), func(s Scope) bool { return s.roleOf() == role })
	return Scopes()[max(i, 0)]
}
