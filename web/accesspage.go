package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
	"burnline/slo"
)

// userRow is a user as the page of access shows them.
type userRow struct{ auth.User }

// Rights says in words what they may.
func (r userRow) Rights() string { return rightsOf(r.User) }

// TeamText is what the form holds.
func (r userRow) TeamText() string { return strings.Join(r.Teams, ", ") }

// accessModel is the model of the page of who has access.
type accessModel struct {
	Sentence string
	Note     string
	Problems slo.Problems
	Users    []userRow
	Roles    []auth.Role
	Tokens   tokensModel
}

// accessPage shows who gets in, and lets admins change it.
func (s *server) accessPage(c *gin.Context) { s.showAccess(c, http.StatusOK, accessModel{}) }

func (s *server) showAccess(c *gin.Context, status int, m accessModel) {
	users, err := s.Access.Keeper.Users(c.Request.Context())
	if err == nil {
		m.Tokens, err = s.tokens(c, "", m.Tokens.Secret, "/access/tokens")
	}
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	for _, u := range users {
		m.Users = append(m.Users, userRow{u})
	}
	valid := 0
	for _, t := range m.Tokens.Rows {
		if t.Holds(s.Now()) {
			valid++
		}
	}
	m.Sentence = plural(len(users), "person and ", "people and ") + plural(valid, "token gets in.", "tokens get in.")
	if !s.Access.SignIn {
		m.Sentence = "Sign-in is off: everybody who reaches this address may do everything."
	}
	m.Note, m.Roles = s.Access.Note, auth.Roles()
	s.show(c, status, "access", "Access", "access", m)
}

// userForm reads what a form asks for a user; an empty password stays as it is.
func userForm(c *gin.Context, name string) auth.UserInput {
	role, display := auth.Role(c.PostForm("role")), strings.TrimSpace(c.PostForm("display"))
	teams := strings.FieldsFunc(c.PostForm("teams"), func(r rune) bool { return r == ',' || r == ' ' })
	in := auth.UserInput{Name: name, Role: &role, Display: &display, Teams: &teams}
	if password := c.PostForm("password"); password != "" {
		in.Password = &password
	}
	return in
}

// addUser lets somebody in.
func (s *server) addUser(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount)
	u, err := s.Access.Keeper.AddUser(c.Request.Context(), userForm(c, strings.TrimSpace(c.PostForm("name"))))
	s.afterUser(c, u, err)
}

// setUser changes somebody.
func (s *server) setUser(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount)
	u, err := s.Access.Keeper.SetUser(c.Request.Context(), userForm(c, c.Param("name")))
	s.afterUser(c, u, err)
}

// afterUser shows the page as it is after a change of users.
func (s *server) afterUser(c *gin.Context, u auth.User, err error) {
	var m accessModel
	switch {
	case err == nil:
		noted(c, u.Name, string(u.Role)+" of "+strings.Join(u.Teams, ", "))
		c.Redirect(http.StatusSeeOther, "/access#users")
	case errors.As(err, &m.Problems):
		s.showAccess(c, http.StatusUnprocessableEntity, m)
	case errors.Is(err, auth.ErrTaken), errors.Is(err, auth.ErrLastAdmin):
		m.Problems.Add("name", "", "%s", err)
		s.showAccess(c, http.StatusConflict, m)
	default:
		s.accessFailed(c, err)
	}
}

// removeUser lets somebody in no more.
func (s *server) removeUser(c *gin.Context) {
	s.afterUser(c, auth.User{Name: c.Param("name")}, s.Access.Keeper.RemoveUser(c.Request.Context(), c.Param("name")))
}

// serverToken makes a token that stands for itself.
func (s *server) serverToken(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount)
	secret, t, err := s.Access.Keeper.CreateToken(c.Request.Context(), tokenForm(c), "", s.actor(c))
	var m accessModel
	switch {
	case errors.As(err, &m.Problems):
		s.showAccess(c, http.StatusUnprocessableEntity, m)
	case err != nil:
		s.accessFailed(c, err)
	default:
		noted(c, t.ID, tokenDetail(t))
		m.Tokens.Secret = secret
		s.showAccess(c, http.StatusCreated, m)
	}
}

// revokeAny ends a token.
func (s *server) revokeAny(c *gin.Context) {
	if t, err := s.Access.Keeper.RevokeToken(c.Request.Context(), c.Param("id"), "", s.actor(c)); err != nil {
		s.accessFailed(c, err)
	} else {
		noted(c, t.ID, t.Name)
		c.Redirect(http.StatusSeeOther, "/access#tokens")
	}
}

// userStatuses are why users and tokens may not be changed.
func userStatuses() map[int]string {
	return map[int]string{http.StatusNotFound: "There is no such one", http.StatusConflict: "Somebody else has the name, or it is the last admin",
		http.StatusUnprocessableEntity: "Everything that is wrong with it", http.StatusServiceUnavailable: storeAway}
}

// accessRoutes are the page and the API of who gets in; none where nobody keeps that.
func (s *server) accessRoutes() []route {
	if s.Access.Keeper == nil {
		return nil
	}
	const users, tokens = "/api/v1/users", "/api/v1/tokens"
	return []route{
		{method: http.MethodGet, path: "/access", access: toRule, handler: s.accessPage},
		form("/access/users", toRule, s.addUser).does("let a user in", nil),
		form("/access/users/:name", toRule, s.setUser).does("change a user", nil),
		form("/access/users/:name/remove", toRule, s.removeUser).does("remove a user", nil),
		form("/access/tokens", toRule, s.serverToken).does("make a token", nil),
		form("/access/tokens/:id/revoke", toRule, s.revokeAny).does("revoke a token", nil),
		api(http.MethodGet, "/api/v1/me", toShow, s.apiMe, operation{summary: "Who asks, and what they may", answer: MeJSON{}}),
		api(http.MethodGet, "/api/v1/me/tokens", toShow, s.apiOwnTokens, operation{summary: "The tokens of who asks, without their secrets", answer: TokensJSON{},
			also: map[int]string{http.StatusNotFound: "Who asks has no account", http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodGet, users, toRule, s.apiUsers, operation{summary: "All users", answer: UsersJSON{}}),
		api(http.MethodPost, users, toRule, s.apiAddUser, operation{summary: "Let a local user in", body: auth.UserInput{}, answer: UserJSON{}, made: http.StatusCreated, also: userStatuses()}).does("let a user in", nil),
		api(http.MethodPatch, users+"/:name", toRule, s.apiSetUser, operation{
			summary: "Change a user; what is left out stays, and a change of role, teams or password ends the sessions", body: userPatch{}, answer: UserJSON{}, also: userStatuses()}).does("change a user", nil),
		api(http.MethodDelete, users+"/:name", toRule, s.apiRemoveUser, operation{summary: "Let a user in no more", answer: RemovedJSON{}, also: userStatuses()}).does("remove a user", nil),
		api(http.MethodGet, tokens, toRule, s.apiTokens, operation{summary: "All tokens, without their secrets", answer: TokensJSON{}}),
		api(http.MethodPost, tokens, toRule, s.apiAddToken, operation{
			summary: "Make a token that stands for itself; the secret is told this once", body: auth.TokenInput{}, answer: NewTokenJSON{}, made: http.StatusCreated, also: userStatuses()}).does("make a token", nil),
		api(http.MethodDelete, tokens+"/:id", toRule, s.apiRevoke, operation{summary: "Revoke a token", answer: TokenJSON{}, also: userStatuses()}).does("revoke a token", nil),
	}
}
