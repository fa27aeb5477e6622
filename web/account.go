package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
	"burnline/slo"
)

// maxAccount bounds the body of a form or request about users and tokens.
const maxAccount = 64 << 10

// tokenRow is a token as tables show it.
type tokenRow struct {
	auth.Token
	State string
}

// For says what it is for.
func (r tokenRow) For() string {
	var all []string
	for _, s := range r.Scopes {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}

// Action is where the form that revokes it is sent to.
func (m tokensModel) Action(r tokenRow) string { return m.Path + "/" + r.ID + "/revoke" }

// tokensModel is a list of tokens with the form for a new one.
type tokensModel struct {
	// Path is where the form is sent to.
	Path string
	Rows []tokenRow
	// Secret is a token that was just made, to be copied now or never.
	Secret string
	Scopes []auth.Scope
}

// accountModel is the model of the page of one's own account.
type accountModel struct {
	Sentence string
	User     auth.User
	Problems slo.Problems
	// Said is what was done.
	Said   string
	Tokens tokensModel
}

// accountPage shows somebody what they may, their tokens, and lets them change their password.
func (s *server) accountPage(c *gin.Context) { s.showAccount(c, http.StatusOK, accountModel{}) }

func (s *server) showAccount(c *gin.Context, status int, m accountModel) {
	who := auth.From(c.Request.Context())
	users, err := s.Access.Keeper.Users(c.Request.Context())
	i := slices.IndexFunc(users, func(u auth.User) bool { return u.Name == who.User })
	if err == nil && (i < 0 || who.User == "") {
		s.fail(c, http.StatusNotFound, "There is no account here.", "Only people who sign in have one.")
		return
	}
	if err == nil {
		m.Tokens, err = s.tokens(c, who.User, m.Tokens.Secret, "/account/tokens")
	}
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	m.User = users[i]
	m.Sentence = "You are " + m.User.Called() + ": " + rightsOf(m.User) + "."
	s.show(c, status, "account", "Your account", "account", m)
}

// rightsOf says in words what a user may.
func rightsOf(u auth.User) string {
	switch {
	case u.Role == auth.Admin:
		return "an admin, who may do everything"
	case u.Role == auth.Viewer:
		return "a viewer, who may see everything and change nothing"
	case slices.Contains(u.Teams, auth.EveryTeam):
		return "an editor for all teams"
	case len(u.Teams) == 0:
		return "an editor of no team"
	}
	return "an editor for " + listed(u.Teams, 5)
}

// tokens lists tokens.
func (s *server) tokens(c *gin.Context, owner, secret, path string) (tokensModel, error) {
	all, err := s.Access.Keeper.Tokens(c.Request.Context(), owner)
	m := tokensModel{Path: path, Secret: secret, Scopes: auth.Scopes()}
	for _, t := range all {
		m.Rows = append(m.Rows, tokenRow{t, t.State(s.Now())})
	}
	return m, err
}

// tokenForm reads what token a form asks for.
func tokenForm(c *gin.Context) auth.TokenInput {
	in := auth.TokenInput{Name: strings.TrimSpace(c.PostForm("name")), For: strings.TrimSpace(c.PostForm("for")), Teams: strings.Fields(strings.ReplaceAll(c.PostForm("teams"), ",", " "))}
	for _, scope := range c.PostFormArray("scope") {
		in.Scopes = append(in.Scopes, auth.Scope(scope))
	}
	return in
}

// ownPassword changes somebody's own password, which ends all sessions of theirs but a new one.
func (s *server) ownPassword(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount)
	who := auth.From(c.Request.Context())
	noted(c, who.User, "own password")
	var m accountModel
	if c.PostForm("new") != c.PostForm("again") {
		m.Problems.Add("again", "write the same twice", "the new passwords differ")
		s.showAccount(c, http.StatusUnprocessableEntity, m)
		return
	}
	err := s.Access.Keeper.SetOwnPassword(c.Request.Context(), who.User, c.PostForm("present"), c.PostForm("new"), s.address(c.Request))
	var soon *auth.TooSoon
	switch {
	case errors.Is(err, auth.ErrWrong), errors.As(err, &soon):
		m.Problems.Add("present", "write the one that you signed in with", "%s", err)
		s.showAccount(c, http.StatusUnprocessableEntity, m)
	case errors.As(err, &m.Problems):
		s.showAccount(c, http.StatusUnprocessableEntity, m)
	case err != nil:
		s.accessFailed(c, err)
	default: // whoever knew the old one is out, and so is this browser
		http.SetCookie(c.Writer, s.cookie(s.sessionCookie(), "", -1))
		c.Redirect(http.StatusSeeOther, "/sign-in?next=/account")
	}
}

// ownToken makes a token of somebody's own.
func (s *server) ownToken(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount)
	who := auth.From(c.Request.Context())
	secret, t, err := s.Access.Keeper.CreateToken(c.Request.Context(), tokenForm(c), who.User, who.Name)
	var m accountModel
	switch {
	case errors.As(err, &m.Problems):
		s.showAccount(c, http.StatusUnprocessableEntity, m)
	case err != nil:
		s.accessFailed(c, err)
	default:
		noted(c, t.ID, tokenDetail(t))
		m.Tokens.Secret = secret
		s.showAccount(c, http.StatusCreated, m)
	}
}

// tokenDetail says in words what a token is.
func tokenDetail(t auth.Token) string {
	return t.Name + ", for " + tokenRow{Token: t}.For() + " of " + strings.Join(t.Teams, ", ") + ", until " + t.Expires.UTC().Format(time.DateOnly)
}

// revokeOwn ends a token of somebody's own.
func (s *server) revokeOwn(c *gin.Context) {
	who := auth.From(c.Request.Context())
	if t, err := s.Access.Keeper.RevokeToken(c.Request.Context(), c.Param("id"), who.User, who.Name); err != nil {
		s.accessFailed(c, err)
	} else {
		noted(c, t.ID, t.Name)
		c.Redirect(http.StatusSeeOther, "/account#tokens")
	}
}

// accessFailed says why users or tokens were not changed or can't be read.
func (s *server) accessFailed(c *gin.Context, err error) {
	var found slo.Problems
	switch {
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"Nothing was changed.", err.Error(), found})
	case errors.Is(err, auth.ErrUnknown):
		s.fail(c, http.StatusNotFound, "There is no such user or token.", "")
	case errors.Is(err, auth.ErrTaken), errors.Is(err, auth.ErrLastAdmin):
		s.fail(c, http.StatusConflict, "Nothing was changed.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "Users and tokens can't be read or changed at the moment.", err.Error())
	}
}

// accountRoutes are one's own account; none where nobody signs in.
func (s *server) accountRoutes() []route {
	if !s.Access.SignIn {
		return nil
	}
	return []route{
		view("/account", s.accountPage),
		form("/account/password", toOwn, s.ownPassword).does("change the own password", nil),
		form("/account/tokens", toOwn, s.ownToken).does("make an own token", nil),
		form("/account/tokens/:id/revoke", toOwn, s.revokeOwn).does("revoke an own token", nil),
	}
}
