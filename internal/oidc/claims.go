package oidc

import (
	"slices"

	"burnline/internal/auth"
)

// identity is who a person is by the claims of their ID token.
func (p *Provider) identity(subject string, claims map[string]any) (auth.Identity, error) {
	id := auth.Identity{Subject: subject, Teams: []string{}}
	id.Name, _ = claims[p.o.NameClaim].(string)
	if id.Name == "" {
		return id, notLetIn("%s does not tell your name: the ID token has no claim %s.", p.o.Name, p.o.NameClaim)
	}
	if verified, told := claims["email_verified"].(bool); p.o.NameClaim == "email" && told && !verified {
		return id, notLetIn("%s has not verified your address yet.", p.o.Name)
	}
	id.Display, _ = claims["name"].(string)
	groups := append(groupsOf(claims[p.o.GroupsClaim]), Everybody)
	for _, g := range groups {
		if role, has := p.o.Roles[g]; has && !id.Role.AtLeast(role) {
			id.Role = role
		}
		if team, has := p.o.Teams[g]; has {
			id.Teams = append(id.Teams, team)
		}
	}
	if id.Role == "" {
		return id, notLetIn("None of your %d groups at %s gives a role here; ask who configures server.auth.oidc.roles.", len(groups)-1, p.o.Name)
	}
	slices.Sort(id.Teams)
	id.Teams = slices.Compact(id.Teams)
	return id, nil
}

// groupsOf are groups as providers write them: a list, or one.
func groupsOf(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		var all []string
		for _, g := range claim {
			if text, ok := g.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}
