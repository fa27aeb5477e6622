package auth

import (
	"slices"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Token lets a program in. It has a secret of which only the hash is kept.
type Token struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Hash string `json:"hash,omitempty"`
	// Scopes are what it is for, and Teams those whose things it may change.
	Scopes []Scope  `json:"scopes"`
	Teams  []string `json:"teams"`
	// Owner is the user whom it stands for and whose rights bound it; "" for one of its own.
	Owner   string    `json:"owner,omitempty"`
	By      string    `json:"created_by"`
	Created time.Time `json:"created"`
	// Expires is when it ends at the latest; Revoked when somebody ended it, RevokedBy who.
	Expires   time.Time `json:"expires"`
	Revoked   time.Time `json:"revoked,omitzero"`
	RevokedBy string    `json:"revoked_by,omitempty"`
	// Used is when it was last used, to an hour; zero for never.
	Used time.Time `json:"last_used,omitzero"`
}

const (
	// usedEvery is to what a use of a token is noted: each note is a write.
	usedEvery = time.Hour
	// LongestToken is how long a token may last.
	LongestToken = 2 * 366 * 24 * time.Hour
	// DefaultToken is how long one lasts where nothing is said.
	DefaultToken = 90 * 24 * time.Hour
)

// Holds reports whether a token is still one.
func (t Token) Holds(at time.Time) bool { return t.Revoked.IsZero() && at.Before(t.Expires) }

// State says in a word how a token stands.
func (t Token) State(at time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked"
	case !at.Before(t.Expires):
		return "expired"
	}
	return "valid"
}

// who is the token as who asks. A token of a user may no more than the user may now; false where
// the user is gone.
func (t Token) who(owner User, found bool) (Who, bool) {
	w := Who{Name: "token " + t.Name, Way: ByToken, Teams: t.Teams, Token: t.ID}
	for _, s := range t.Scopes {
		if s.roleOf().rank() > w.Role.rank() {
			w.Role = s.roleOf()
		}
		w.Feeds = w.Feeds || s == Ingest
	}
	if t.Owner == "" {
		return w, true
	}
	if !found || t.Created.Before(owner.Created) {
		return Who{}, false
	}
	w.Name, w.User, w.Role = owner.Name, owner.Name, lesser(w.Role, owner.Role)
	w.Feeds = w.Feeds && owner.Role.AtLeast(Editor) // as when it was made
	w.Teams = within(t.Teams, owner)
	return w, true
}

// within are the teams that a user has, of some.
func within(teams []string, owner User) []string {
	switch {
	case owner.Role == Admin:
		return teams
	case slices.Contains(teams, EveryTeam):
		return owner.Teams
	}
	var both []string
	for _, t := range teams {
		if owner.who().Has(t) {
			both = append(both, t)
		}
	}
	return both
}

// TokenInput is what is asked for a token.
type TokenInput struct {
	Name   string  `json:"name"`
	Scopes []Scope `json:"scopes"`
	// Teams are EveryTeam where there are none.
	Teams []string `json:"teams,omitempty"`
	// For is how long it lasts, such as 90d; DefaultToken where it is empty.
	For string `json:"for,omitempty"`
}

// token makes the token that is asked for, or says all that is wrong.
func (in TokenInput) token(owner *User, by string, now time.Time) (Token, error) {
	var found slo.Problems
	t := Token{ID: newID(), Name: in.Name, By: by, Created: now, Expires: now.Add(DefaultToken)}
	if !goodName.MatchString(in.Name) {
		found.Add("name", "write letters, digits and . _ @ + - only, at most 100, such as ci", "%.100q can't be a name", in.Name)
	}
	if len(in.Scopes) == 0 {
		found.Add("scopes", "write read, write, admin or ingest, or some of them", "there is none")
	}
	for _, s := range in.Scopes {
		if !slices.Contains(Scopes(), s) {
			found.Add("scopes", "write read, write, admin or ingest", "there is no scope %.100q", s)
		} else if owner != nil && s != Ingest && !owner.Role.AtLeast(s.roleOf()) {
			found.Add("scopes", "ask an admin", "the scope %s is more than the role %s may", s, owner.Role)
		}
		if !slices.Contains(t.Scopes, s) {
			t.Scopes = append(t.Scopes, s)
		}
	}
	if owner != nil && slices.Contains(in.Scopes, Ingest) && !owner.Role.AtLeast(Editor) {
		found.Add("scopes", "ask an editor or admin", "a viewer feeds nothing")
	}
	t.Teams = cleanTeams(in.Teams, &found)
	if len(in.Teams) == 0 {
		t.Teams = []string{EveryTeam}
	}
	if in.For != "" {
		d, err := yamlconf.ParseDuration(in.For)
		if err != nil || d <= 0 || d > LongestToken {
			found.Add("for", "write how long it lasts, such as 90d, at most two years", "%.100q can't be taken", in.For)
		}
		t.Expires = now.Add(d)
	}
	if owner != nil {
		t.Owner = owner.Name
	}
	if len(found) > 0 {
		return Token{}, found
	}
	return t, nil
}
