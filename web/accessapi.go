package web

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
	"burnline/slo"
)

// MeJSON says who asks.
type MeJSON struct {
	// Name is "" where sign-in is off.
	Name  string    `json:"name"`
	Way   auth.Way  `json:"way"`
	Role  auth.Role `json:"role"`
	Feeds bool      `json:"feeds"`
	Teams []string  `json:"teams"`
}

// UserJSON is a user without what signs them in.
type UserJSON struct {
	Name    string    `json:"name"`
	Display string    `json:"display"`
	Role    auth.Role `json:"role"`
	Teams   []string  `json:"teams"`
	// Local says that Burnline keeps the password; else an OIDC provider vouches for them.
	Local   bool      `json:"local"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"`
}

// userPatch is what changes of a user.
type userPatch struct {
	// Name may be left out: the path has it.
	Name     string     `json:"name,omitempty"`
	Display  *string    `json:"display,omitempty"`
	Role     *auth.Role `json:"role,omitempty"`
	Teams    *[]string  `json:"teams,omitempty"`
	Password *string    `json:"password,omitempty"`
}

// UsersJSON are all users.
type UsersJSON struct {
	Users []UserJSON `json:"users"`
}

// RemovedJSON says what was removed.
type RemovedJSON struct {
	Removed string `json:"removed"`
}

// TokenJSON is a token without its secret.
type TokenJSON struct {
	auth.Token
	// State is valid, expired or revoked.
	State string `json:"state"`
}

// TokensJSON are tokens.
type TokensJSON struct {
	Tokens []TokenJSON `json:"tokens"`
}

// NewTokenJSON is a token that was just made, with its secret.
type NewTokenJSON struct {
	TokenJSON
	Secret string `json:"secret"`
}

func (s *server) apiMe(c *gin.Context) {
	who := auth.From(c.Request.Context())
	c.JSON(http.StatusOK, MeJSON{who.Name, who.Way, who.Role, who.Feeds, append([]string{}, who.Teams...)})
}

// apiOwnTokens gives the tokens of who asks.
func (s *server) apiOwnTokens(c *gin.Context) {
	who := auth.From(c.Request.Context())
	if who.User == "" {
		s.fail(c, http.StatusNotFound, "There is no account here.", "Only people who sign in have tokens of their own.")
		return
	}
	all, err := s.Access.Keeper.Tokens(c.Request.Context(), who.User)
	s.answerTokens(c, all, err)
}

func toUser(u auth.User) UserJSON {
	return UserJSON{u.Name, u.Display, u.Role, append([]string{}, u.Teams...), u.Local(), u.Created, u.Changed}
}

func (s *server) toToken(t auth.Token) TokenJSON {
	t.Hash = ""
	return TokenJSON{t, t.State(s.Now())}
}

// decode reads the body of a request about users or tokens; false when it has answered.
func (s *server) decode(c *gin.Context, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxAccount))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		s.badBody(c, "The body can't be read.", err.Error(), err)
		return false
	}
	return true
}

func (s *server) apiUsers(c *gin.Context) {
	all, err := s.Access.Keeper.Users(c.Request.Context())
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	out := UsersJSON{Users: []UserJSON{}}
	for _, u := range all {
		out.Users = append(out.Users, toUser(u))
	}
	c.JSON(http.StatusOK, out)
}

func (s *server) apiAddUser(c *gin.Context) {
	var in auth.UserInput
	if !s.decode(c, &in) {
		return
	}
	u, err := s.Access.Keeper.AddUser(c.Request.Context(), in)
	s.answerUser(c, http.StatusCreated, u, err)
}

func (s *server) apiSetUser(c *gin.Context) {
	var in userPatch
	if !s.decode(c, &in) {
		return
	}
	u, err := auth.User{}, error(nil)
	if name := c.Param("name"); in.Name != "" && in.Name != name {
		err = slo.Problems{{Field: "name", Message: "a user's name can't be changed", Instead: "leave it out, or write " + name}}
	} else {
		u, err = s.Access.Keeper.SetUser(c.Request.Context(), auth.UserInput{Name: name, Display: in.Display, Role: in.Role, Teams: in.Teams, Password: in.Password})
	}
	s.answerUser(c, http.StatusOK, u, err)
}

func (s *server) answerUser(c *gin.Context, status int, u auth.User, err error) {
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	noted(c, u.Name, rightsOf(u))
	c.JSON(status, toUser(u))
}

func (s *server) apiRemoveUser(c *gin.Context) {
	if err := s.Access.Keeper.RemoveUser(c.Request.Context(), c.Param("name")); err != nil {
		s.accessFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, RemovedJSON{c.Param("name")})
}

func (s *server) apiTokens(c *gin.Context) {
	all, err := s.Access.Keeper.Tokens(c.Request.Context(), "")
	s.answerTokens(c, all, err)
}

func (s *server) answerTokens(c *gin.Context, all []auth.Token, err error) {
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	out := TokensJSON{Tokens: []TokenJSON{}}
	for _, t := range all {
		out.Tokens = append(out.Tokens, s.toToken(t))
	}
	c.JSON(http.StatusOK, out)
}

func (s *server) apiAddToken(c *gin.Context) {
	var in auth.TokenInput
	if !s.decode(c, &in) {
		return
	}
	secret, t, err := s.Access.Keeper.CreateToken(c.Request.Context(), in, "", s.actor(c))
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	noted(c, t.ID, tokenDetail(t))
	c.JSON(http.StatusCreated, NewTokenJSON{s.toToken(t), secret})
}

func (s *server) apiRevoke(c *gin.Context) {
	t, err := s.Access.Keeper.RevokeToken(c.Request.Context(), c.Param("id"), "", s.actor(c))
	if err != nil {
		s.accessFailed(c, err)
		return
	}
	noted(c, t.ID, t.Name)
	c.JSON(http.StatusOK, s.toToken(t))
}
