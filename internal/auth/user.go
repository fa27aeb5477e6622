package auth

import (
	"regexp"
	"slices"
	"time"

	"burnline/slo"
)

// User is a person who may sign in.
type User struct {
	Name string `json:"name"`
	// Display is how pages call them; "" for the name.
	Display string   `json:"display,omitempty"`
	Role    Role     `json:"role"`
	Teams   []string `json:"teams"`
	// Hash is a PHC string of the password; "" for who can't sign in by one.
	Hash string `json:"hash,omitempty"`
	// Subject is who they are for the OIDC provider, its address and its own ID of them; "" for a
	// local user.
	Subject string `json:"subject,omitempty"`
	// Epoch is another one after each change of password, role or teams: sessions of an earlier
	// one are over.
	Epoch   string    `json:"epoch"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"`
}

// Local reports whether Burnline itself keeps the password.
func (u User) Local() bool { return u.Subject == "" }

// Called is how pages call them.
func (u User) Called() string {
	if u.Display != "" {
		return u.Display
	}
	return u.Name
}

// who is the user as who asks.
func (u User) who() Who { return Who{Name: u.Name, User: u.Name, Role: u.Role, Teams: u.Teams} }

// sameRights reports whether two may the same.
func (u User) sameRights(o User) bool { return u.Role == o.Role && slices.Equal(u.Teams, o.Teams) }

// UserInput is what is asked for a user; nil fields stay as they are.
type UserInput struct {
	Name     string    `json:"name"`
	Display  *string   `json:"display,omitempty"`
	Role     *Role     `json:"role,omitempty"`
	Teams    *[]string `json:"teams,omitempty"`
	Password *string   `json:"password,omitempty"`
}

var goodName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$`)

// GoodName reports whether a user may be called so.
func GoodName(name string) bool { return goodName.MatchString(name) }

const (
	mostTeams   = 200
	mostDisplay = 100
)

// apply changes a user as asked, or says all that is wrong.
func (in UserInput) apply(u User, now time.Time) (User, error) {
	var found slo.Problems
	old := u
	if !goodName.MatchString(in.Name) {
		found.Add("name", "write letters, digits and . _ @ + - only, at most 100, such as ada", "%.100q can't be a name", in.Name)
	}
	if in.Display != nil {
		if u.Display = *in.Display; len([]rune(u.Display)) > mostDisplay {
			found.Add("display", "write at most 100 characters", "it is too long")
		}
	}
	if in.Role != nil {
		if u.Role = *in.Role; u.Role.rank() == 0 {
			found.Add("role", "write viewer, editor or admin", "there is no role %.100q", *in.Role)
		}
	}
	if in.Teams != nil {
		u.Teams = cleanTeams(*in.Teams, &found)
	}
	if in.Password != nil {
		if why := checkPassword(*in.Password, in.Name); why != "" {
			found.Add("password", "choose another one", "%s", why)
		}
		if !u.Local() {
			found.Add("password", "change it there", "the OIDC provider keeps it")
		}
	}
	if len(found) > 0 {
		return User{}, found
	}
	u.Name, u.Changed = in.Name, now
	if in.Password != nil {
		u.Hash = HashPassword(*in.Password)
	}
	if !u.sameRights(old) || u.Hash != old.Hash || u.Epoch == "" {
		u.Epoch = newID()
	}
	return u, nil
}

// cleanTeams are teams in order, each once.
func cleanTeams(teams []string, found *slo.Problems) []string {
	if len(teams) > mostTeams {
		found.Add("teams", "write * for all", "more than %d teams", mostTeams)
		return nil
	}
	all := []string{}
	for _, t := range teams {
		if t == "" || len(t) > 200 {
			found.Add("teams", "write names of teams as SLOs have them, or * for all", "%.100q can't be a team", t)
			continue
		}
		all = append(all, t)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
