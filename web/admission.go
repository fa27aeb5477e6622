package web

import (
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
	"burnline/web/limits"
)

// admit lets a request through to its route, or says why not, and writes down what was changed.
func (s *server) admit(rt route) gin.HandlerFunc {
	return func(c *gin.Context) {
		if s.strange(c.Request) && !feeds(rt, c.Request) {
			s.refuse(c, refusedOrigin, http.StatusMisdirectedRequest, "Burnline is not known by the name "+c.Request.Host+".",
				"Nobody signs in here, so it answers to addresses, localhost and the name in external_url alone: write the name there, or turn sign-in on.")
			return
		}
		is := rt
		if rt.within != nil {
			is.access, is.act = rt.within(c.Request.Method, c.Request.URL.Path)
		}
		who, ok := s.asker(c, is)
		if !ok {
			return
		}
		ctx := auth.With(c.Request.Context(), who)
		if is.access == toFeed && who.Name != "" { // senders behind one address each have a share
			ctx = limits.WithClient(ctx, limits.ClientOf(c.Request)+" "+who.Name)
		}
		c.Request = c.Request.WithContext(ctx)
		if safe(c.Request.Method) && !rt.audited {
			s.judge(c, is, who)
			return
		}
		broken := true
		defer func() { s.writeDown(c, is, broken) }() // after a panic too
		s.judge(c, is, who)
		broken = false
	}
}

// asker finds out who asks, or says that it can't; false where that was the answer.
func (s *server) asker(c *gin.Context, rt route) (who auth.Who, ok bool) {
	var err error
	switch {
	case rt.access == toAll:
		return auth.Who{}, true // it is nobody's business, and no store has to answer for it
	case rt.access == toFeed && s.Access.Ingest != nil:
		who, err = s.Access.Ingest.Admit(c.Request.Context(), wayOf(c.Request.URL.Path), auth.Credentials{
			Authorization: c.GetHeader("Authorization"), Certificate: certificateOf(c.Request), From: s.address(c.Request),
		})
		var not *auth.NotTaken
		if errors.As(err, &not) && not.Wait == 0 {
			c.Set(notTaken, not)
			return who, true // judge says why not
		}
	default:
		who, err = s.identify(c.Request)
	}
	if err != nil {
		s.later(c, rt, err)
		return auth.Who{}, false
	}
	return who, true
}

const (
	// notTaken is where a request keeps why nothing of it is taken.
	notTaken = "not taken"
	// nothingTaken is what who feeds is told before the reason.
	nothingTaken = "Nothing of this is taken."
)

// asksForToken says in the way of HTTP what is missing.
func asksForToken(c *gin.Context) { c.Header("WWW-Authenticate", `Bearer realm="burnline"`) }

// wayOf names by which way something is fed.
func wayOf(path string) string {
	switch {
	case path == "/prometheus/api/v1/write":
		return auth.FeedRemoteWrite
	case strings.HasPrefix(path, "/prometheus/api/v1/otlp/"):
		return auth.FeedOTLPHTTP
	case strings.HasPrefix(path, "/alertmanager/"):
		return auth.FeedAlerts
	}
	return auth.FeedOther
}

// certificateOf is the client certificate of a request that TLS has verified; nil for none.
func certificateOf(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil
	}
	return r.TLS.VerifiedChains[0][0]
}

// later answers who can't be told now, or brought too many wrong tokens. Who feeds is not answered 429,
// after which Prometheus throws away what it has to send.
func (s *server) later(c *gin.Context, rt route, err error) {
	var soon *auth.TooSoon
	if !errors.As(err, &soon) {
		if rt.access == toFeed {
			c.Header("Retry-After", "1")
		}
		s.deny(c, http.StatusServiceUnavailable, "It can't be found out at the moment who you are.", err.Error())
		return
	}
	status := http.StatusTooManyRequests
	if rt.access == toFeed {
		status = http.StatusServiceUnavailable
	}
	c.Header("Retry-After", strconv.Itoa(int(math.Ceil(soon.Wait.Seconds()))))
	s.refuse(c, refusedGuess, status, "Too many wrong tokens came from this address.",
		fmt.Sprintf("Come again in %s with one that is right; docs/access.md says how to make one.", max(time.Second, soon.Wait.Round(time.Second))))
}

// judge decides whether somebody may do what a route does.
func (s *server) judge(c *gin.Context, rt route, who auth.Who) {
	if who.Way == auth.BySession && !safe(c.Request.Method) && c.GetHeader("Sec-Fetch-Site") == "" && c.GetHeader("Origin") == "" {
		s.deny(c, http.StatusForbidden, "It can't be told from which page this request comes.", "Use a browser of this decade, or a token.")
		return
	}
	var teams []string
	// Who may not do it at all is not told more, and for an admin it makes no difference.
	ok, reason := auth.May(who, rt.access, nil)
	if ok && rt.access == toChange && rt.concerns != nil && who.Role != auth.Admin {
		var err error
		if teams, err = rt.concerns(c); err != nil {
			s.unclear(c, err)
			return
		}
		ok, reason = auth.May(who, rt.access, teams)
	}
	if ok && rt.access == toChange && rt.concerns == nil && who.Role != auth.Admin {
		ok, reason = false, "This concerns all teams, and takes an admin."
	}
	not, feeds := c.Value(notTaken).(*auth.NotTaken)
	switch {
	case ok:
		c.Next()
	case feeds && not.Why == auth.NotForFeeding:
		s.deny(c, http.StatusForbidden, nothingTaken, sentence(capital(not.Error())))
	case feeds:
		asksForToken(c)
		s.deny(c, http.StatusUnauthorized, nothingTaken, sentence(capital(not.Error())))
	case who.Way == auth.Nobody:
		s.turnAway(c)
	default:
		s.deny(c, http.StatusForbidden, "You may not do this.", reason)
	}
}

// unclear answers when it can't be found out whom a request concerns.
func (s *server) unclear(c *gin.Context, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		s.badBody(c, "", "", err)
		return
	}
	s.deny(c, http.StatusServiceUnavailable, "It can't be found out at the moment whom this concerns.", err.Error())
}

// turnAway sends people to the page of signing in, and tells programs what is missing.
func (s *server) turnAway(c *gin.Context) {
	_, token := tokenOf(c.Request)
	switch {
	case !token && c.GetHeader("HX-Request") == "true":
		c.Header("HX-Redirect", signInHref(c))
		c.AbortWithStatus(http.StatusUnauthorized)
	case !token && !forPrograms(c.Request.URL.Path):
		c.Redirect(http.StatusSeeOther, signInHref(c))
		c.Abort()
	default:
		asksForToken(c)
		detail := "Send a token as Authorization: Bearer bln_…, or as the password of Basic authentication; docs/access.md says how to make one."
		if token {
			detail = "The token is unknown, expired or revoked."
		}
		s.deny(c, http.StatusUnauthorized, "Sign in first.", detail)
	}
}

// forPrograms reports whether programs ask there, which no page of signing in would help.
func forPrograms(path string) bool {
	for _, tree := range []string{"/api/", "/-/", "/prometheus/", "/alertmanager/", "/tempo/"} {
		if strings.HasPrefix(path, tree) {
			return true
		}
	}
	return path == "/metrics"
}

// deny answers in the form that who asks can read, and goes no further.
func (s *server) deny(c *gin.Context, status int, sentence, detail string) {
	secured(c)
	path := c.Request.URL.Path
	switch {
	case strings.HasPrefix(path, "/alertmanager/"), strings.HasPrefix(path, "/prometheus/"):
		c.JSON(status, gin.H{"status": "error", "errorType": http.StatusText(status), "error": sentence + " " + detail, "code": status, "message": sentence + " " + detail})
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/-/"), strings.HasPrefix(path, "/tempo/"):
		c.JSON(status, errorJSON{Error: sentence, Detail: detail})
	case path == "/metrics":
		c.String(status, "%s %s\n", sentence, detail)
	default:
		s.fail(c, status, sentence, detail)
	}
	c.Abort()
}

// safe reports whether a method changes nothing by its meaning.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// mountedAccess says what a request to one of the trees does that speak the languages of
// Prometheus, Alertmanager and Tempo: they hold reads and writes. What changes something and is
// not named is an admin's.
func mountedAccess(method, path string) (a access, act string) {
	const prometheus, alertmanager = "/prometheus/api/v1/", "/alertmanager/api/v2/"
	switch {
	case safe(method):
		return toShow, ""
	case method == http.MethodPost && (path == prometheus+"write" || strings.HasPrefix(path, prometheus+"otlp/")):
		return toFeed, ""
	case method == http.MethodPost && askedByPost(strings.TrimPrefix(path, prometheus)):
		return toShow, ""
	case method == http.MethodPost && path == alertmanager+"alerts":
		return toFeed, ""
	case method == http.MethodPost && path == alertmanager+"silences":
		return toChange, "silence"
	case method == http.MethodDelete && strings.HasPrefix(path, alertmanager+"silence/"):
		return toChange, "end a silence"
	}
	return toRule, "change something by the API of another system"
}

// askedByPost reports whether a path of the Prometheus API is a question that may be long.
func askedByPost(path string) bool {
	switch path {
	case "query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query":
		return true
	}
	return false
}
