package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
)

const (
	// maxSignIn bounds the body of a form of signing in.
	maxSignIn = 8 << 10
	// errandTime is how long somebody may take at the OIDC provider.
	errandTime = 10 * time.Minute
)

// signInModel is the model of the page of signing in.
type signInModel struct {
	Sentence string
	// Wrong says why it did not work; "" where nothing was tried.
	Wrong string
	// Name and Next are what the form holds; Provider is how the OIDC provider is called, "" for
	// none, and ProviderHref leads there.
	Name, Next             string
	Provider, ProviderHref string
}

// signInPage asks who somebody is.
func (s *server) signInPage(c *gin.Context) {
	next := back(c.Query("next"))
	if who, err := s.identify(c.Request); err == nil && who.Way != auth.Nobody {
		c.Redirect(http.StatusSeeOther, next)
		return
	}
	s.showSignIn(c, http.StatusOK, signInModel{Next: next})
}

func (s *server) showSignIn(c *gin.Context, status int, m signInModel) {
	m.Sentence = "Sign in to Burnline."
	if s.Access.Provider != nil {
		m.Provider, m.ProviderHref = s.Access.Provider.Name(), address("/oidc/start", url.Values{"next": {m.Next}})
	}
	s.show(c, status, "signin", "Sign in", "", m)
}

// signIn takes the form of the page.
func (s *server) signIn(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSignIn)
	m := signInModel{Name: c.PostForm("name"), Next: back(c.PostForm("next"))}
	noted(c, m.Name, "by password")
	secret, who, err := s.Access.Keeper.SignIn(c.Request.Context(), m.Name, c.PostForm("password"), s.address(c.Request))
	var soon *auth.TooSoon
	switch {
	case err == nil:
		s.letIn(c, secret, who, m.Next)
	case errors.As(err, &soon):
		notWritten(c) // the failures that led to it are
		c.Header("Retry-After", strconv.Itoa(int(soon.Wait/time.Second)+1))
		m.Wrong = capital(soon.Error()) + "."
		s.showSignIn(c, http.StatusTooManyRequests, m)
	case errors.Is(err, auth.ErrWrong):
		m.Wrong = "No user has this name and password."
		s.showSignIn(c, http.StatusUnauthorized, m)
	default:
		s.Logger.Warn("nobody can sign in", "error", err)
		m.Wrong = "Users can't be read at the moment: " + err.Error()
		s.showSignIn(c, http.StatusServiceUnavailable, m)
	}
}

// letIn gives the browser its session, and leads on.
func (s *server) letIn(c *gin.Context, secret string, who auth.Who, next string) {
	c.Set(notedWho, who.Name)
	http.SetCookie(c.Writer, s.cookie(s.sessionCookie(), secret, int(s.Access.Keeper.Limits().Absolute/time.Second)))
	c.Redirect(http.StatusSeeOther, next)
}

// signOut ends the session.
func (s *server) signOut(c *gin.Context) {
	if err := s.Access.Keeper.SignOut(c.Request.Context(), auth.From(c.Request.Context())); err != nil {
		s.fail(c, http.StatusServiceUnavailable, "The session can't be ended at the moment.", err.Error())
		return
	}
	http.SetCookie(c.Writer, s.cookie(s.sessionCookie(), "", -1))
	c.Redirect(http.StatusSeeOther, "/sign-in")
}

// errand is what a browser keeps while somebody is at the OIDC provider.
type errand struct{ Kept, Next string }

func (s *server) errandCookie() string { return s.sessionCookie() + "-oidc" }

// oidcStart sends the browser to the OIDC provider.
func (s *server) oidcStart(c *gin.Context) {
	where, kept, err := s.Access.Provider.Begin(c.Request.Context())
	if err != nil {
		s.notLetIn(c, http.StatusBadGateway, err)
		return
	}
	data, err := json.Marshal(errand{kept, back(c.Query("next"))})
	if err != nil {
		s.notLetIn(c, http.StatusInternalServerError, err)
		return
	}
	http.SetCookie(c.Writer, s.cookie(s.errandCookie(), base64.RawURLEncoding.EncodeToString(data), int(errandTime/time.Second)))
	c.Redirect(http.StatusSeeOther, where)
}

// oidcBack takes the browser as it comes back.
func (s *server) oidcBack(c *gin.Context) {
	var e errand
	cookie, err := c.Request.Cookie(s.errandCookie())
	if err == nil {
		var data []byte
		if data, err = base64.RawURLEncoding.DecodeString(cookie.Value); err == nil {
			err = json.Unmarshal(data, &e)
		}
	}
	http.SetCookie(c.Writer, s.cookie(s.errandCookie(), "", -1))
	if err != nil {
		notWritten(c)
		s.notLetIn(c, http.StatusBadRequest, &auth.NotLetIn{Why: "This browser did not begin to sign in here, or took more than ten minutes; try again."})
		return
	}
	id, err := s.Access.Provider.Finish(c.Request.Context(), e.Kept, c.Request.URL.Query())
	noted(c, id.Name, "by "+s.Access.Provider.Name())
	if err != nil {
		if id.Subject == "" { // the provider vouches for nobody: that is no person's failure
			notWritten(c)
		}
		s.notLetIn(c, http.StatusForbidden, err)
		return
	}
	secret, who, err := s.Access.Keeper.SignInAs(c.Request.Context(), id, s.address(c.Request))
	if err != nil {
		s.notLetIn(c, http.StatusForbidden, err)
		return
	}
	s.letIn(c, secret, who, back(e.Next))
}

// notLetIn says on the page of signing in why somebody does not get in.
func (s *server) notLetIn(c *gin.Context, status int, err error) {
	m := signInModel{Next: "/", Wrong: err.Error()}
	c.Set(notedDetail, err.Error())
	var why *auth.NotLetIn
	if !errors.As(err, &why) { // strangers are not told of files and of what providers answer
		s.Logger.Warn("the OIDC provider let nobody in", "error", err)
		m.Wrong = "It did not work at " + s.Access.Provider.Name() + "; the log of Burnline says why. Try again, or sign in with a password of Burnline's own."
	}
	s.showSignIn(c, status, m)
}

// signInRoutes let people in and out; none where nobody signs in.
func (s *server) signInRoutes() []route {
	if !s.Access.SignIn {
		return nil
	}
	door := func(method, path string, h gin.HandlerFunc) route {
		return route{method: method, path: path, access: toAll, guessed: true, handler: h}
	}
	rs := []route{
		door(http.MethodGet, "/sign-in", s.signInPage),
		door(http.MethodPost, "/sign-in", s.signIn).does("sign in", nil),
		form("/sign-out", toOwn, s.signOut).does("sign out", nil),
	}
	if s.Access.Provider != nil {
		back := door(http.MethodGet, "/oidc/callback", s.oidcBack).does("sign in", nil)
		back.audited = true
		rs = append(rs, door(http.MethodGet, "/oidc/start", s.oidcStart), back)
	}
	return rs
}
