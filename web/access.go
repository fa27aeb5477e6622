package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
)

// Access says who gets in.
type Access struct {
	// Keeper knows users, tokens and sessions, and keeps the audit log. Nil leaves all of that out.
	Keeper *auth.Keeper
	// SignIn says that people have to sign in; without it everybody may everything.
	SignIn bool
	// Hosts are the names by which browsers reach this server where nobody signs in, beside addresses,
	// localhost, and names without a dot; nil takes every name. A page of another site can have its own
	// name lead to this machine, and would then be one of ours to the browser.
	Hosts []string
	// Ingest lets in who brings telemetry, alerts and changes. Nil leaves that to SignIn and Keeper.
	Ingest Ingest
	// Provider vouches for people. Nil leaves that out.
	Provider Provider
	// Secure says that browsers reach this server by TLS, its own or a proxy's.
	Secure bool
	// Trusted are the proxies whose word on the address of a client is taken.
	Trusted []netip.Prefix
	// Note says in a sentence how people get in, for the system page.
	Note string
}

// Ingest lets senders in.
type Ingest interface {
	// Admit finds out who sends something by a way such as remote_write. What is not taken fails with
	// *auth.NotTaken.
	Admit(ctx context.Context, way string, c auth.Credentials) (auth.Who, error)
}

// Provider is an OIDC provider.
type Provider interface {
	// Name is how the page of signing in calls it.
	Name() string
	// Begin returns where to send a browser, and what the browser keeps until it is back.
	Begin(ctx context.Context) (address, kept string, _ error)
	// Finish finds out who came back with a query. What fails with *auth.NotLetIn says to whom why, and
	// has their Subject where the provider vouches for somebody who may not get in.
	Finish(ctx context.Context, kept string, query url.Values) (auth.Identity, error)
}

// sessionCookie is the name of the cookie of a session. The prefix makes browsers refuse one that
// another host of the same site has set.
func (s *server) sessionCookie() string {
	if s.Access.Secure {
		return "__Host-burnline"
	}
	return "burnline"
}

// cookie makes a cookie that no script reads and no other site sends along with a change.
func (s *server) cookie(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.Access.Secure, SameSite: http.SameSiteLaxMode}
}

// identify finds out who asks: by a token as Bearer or as the password of Basic, for programs that
// know no other way, or by a session. It fails with *auth.TooSoon where the address guesses tokens.
func (s *server) identify(r *http.Request) (auth.Who, error) {
	if !s.Access.SignIn {
		return auth.Anyone(), nil
	}
	if secret, has := tokenOf(r); has {
		who, _, err := s.Access.Keeper.ByTokenFrom(r.Context(), secret, s.address(r))
		return who, err
	}
	cookie, err := r.Cookie(s.sessionCookie())
	if err != nil {
		return auth.Who{}, nil // there is none
	}
	who, _, err := s.Access.Keeper.BySession(r.Context(), cookie.Value)
	return who, err
}

// strange reports whether a request that nobody has to sign in for calls this server by a name that is
// not its own.
func (s *server) strange(r *http.Request) bool {
	if s.Access.SignIn || s.Access.Hosts == nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower((&url.URL{Host: r.Host}).Hostname()), ".")
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(host, ".") && !strings.HasSuffix(host, ".localhost") && !slices.Contains(s.Access.Hosts, host)
}

// tokenOf is the token that a request carries. One with any other credentials has none that counts.
func tokenOf(r *http.Request) (string, bool) { return auth.TokenIn(r.Header.Get("Authorization")) }

// address is where a request comes from: the peer, or what a trusted proxy says of its own peer.
func (s *server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if len(s.Access.Trusted) == 0 {
		s.warnOfProxy(r, host)
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(host); i-- {
		hop := strings.TrimSpace(hops[i])
		if ip, err := netip.ParseAddr(hop); err != nil || ip.Zone() != "" {
			break
		}
		host = hop
	}
	return host
}

// warnOfProxy says once that a proxy's word is not taken: all who come through it are one client, whose
// failures and requests are counted together.
func (s *server) warnOfProxy(r *http.Request, host string) {
	if r.Header.Get("X-Forwarded-For") == "" {
		return
	}
	s.proxied.Do(func() {
		s.Logger.Warn("a request carries X-Forwarded-For, and server.trusted_proxies names no proxy: all who come through it count as one client, and the audit log has its address; "+
			"write the proxy's address into server.trusted_proxies if it is yours", "address", host)
	})
}

// trusts reports whether an address is that of a proxy.
func (s *server) trusts(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range s.Access.Trusted {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// stillIn reports whether who asked when a long answer began may still see it.
func (s *server) stillIn(r *http.Request) bool {
	who, err := s.identify(r)
	ok, _ := auth.May(who, toShow, nil)
	return err != nil || ok // what can't be found out ends nothing
}

// back is where signing in leads: an address of this server, else the overview.
func back(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "/sign-in") {
		return "/"
	}
	return next
}

// signInHref leads to the page of signing in and from there to where somebody wanted to go.
func signInHref(c *gin.Context) string {
	next := c.Request.URL.RequestURI()
	if c.Request.Method != http.MethodGet { // a form's target shows nothing; the page of the form does
		next = ""
		if u, err := url.Parse(c.Request.Referer()); err == nil && u.Host == c.Request.Host {
			next = u.RequestURI()
		}
	}
	if next = back(next); next == "/" {
		return "/sign-in"
	}
	return address("/sign-in", url.Values{"next": {next}})
}
