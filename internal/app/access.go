package app

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"burnline/collector"
	"burnline/internal/auth"
	"burnline/internal/ingest"
	"burnline/internal/oidc"
	"burnline/slo"
	"burnline/web"
)

// buildAccess makes what knows who gets in. Where nobody could it says how to let the first one in.
func (p *parts) buildAccess(ctx context.Context, _ *teardown) error {
	c := p.set.Load().Config.Server
	if c.TLS != nil {
		cert, err := openCertificate("server.tls", *c.TLS, p.log("TLS"))
		if err != nil {
			return err
		}
		p.certificate = cert
	}
	if t := p.set.Load().Config.Collector.OTLP.TLS; t != nil {
		cert, err := openCertificate("collector.otlp.tls", *t, p.log("TLS"))
		if err != nil {
			return err
		}
		p.otlpCertificate = cert
	}
	keeper, err := c.Auth.keeper(p.state)
	if err != nil {
		return err
	}
	p.access = keeper
	p.gate, err = ingest.New(ingest.Options{
		Keeper: keeper, Files: p.set.Load().Config.Ingest.TokenFiles, Now: time.Now, Logger: p.log("ingest"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	if c.Auth.Mode != AuthLocal || c.Auth.FirstAdmin != nil {
		return nil
	}
	users, err := keeper.Users(ctx)
	if err != nil {
		return err
	}
	// While PostgreSQL is away the spool may know of nobody yet: pages go out all the same.
	if away, _, _ := p.state.Absence(); away.IsZero() && !slices.ContainsFunc(users, auth.User.Local) {
		return slo.Findings{wrong("server.auth.mode", "it is local, and there is no user who could sign in",
			"run burnline users add NAME --role admin --data "+p.set.Load().Config.Data+", or write server.auth.first_admin")}
	}
	return nil
}

// keeper makes what knows who gets in.
func (c AuthConfig) keeper(store auth.Store) (*auth.Keeper, error) {
	return auth.NewKeeper(auth.Options{
		Store: store, Limits: auth.Limits{Idle: c.Session.Idle, Absolute: c.Session.Absolute}, KeepAdmin: c.Mode == AuthLocal, Now: time.Now,
	})
}

// accessNote says in sentences who gets in.
func (p *parts) accessNote() string {
	set := p.set.Load().Config
	note := "Sign-in is off: whoever reaches " + p.listener.Addr().String() + " may do everything, and that is this machine alone (docs/access.md)."
	switch c := set.Server.Auth; c.Mode {
	case AuthOIDC:
		note = "People sign in at " + c.OIDC.called() + " or with a password of Burnline's own; programs bring tokens."
	case AuthLocal:
		note = "People sign in with a password; programs bring tokens."
	}
	return note + set.ingestNote()
}

// ingestNote says in a sentence who may send, where that is not this machine alone.
func (c Config) ingestNote() string {
	switch {
	case c.Ingest.Auth == IngestRequired:
		return " Who sends telemetry or alerts brings a token or a certificate."
	case len(c.Collector.OTLP.networked()) > 0:
		return " Whoever reaches " + strings.Join(c.Collector.OTLP.networked(), " or ") + " may send telemetry."
	}
	return ""
}

// guard lets senders in at the OTLP ports; nil lets in everybody.
func (p *parts) guard() collector.Guard {
	if p.set.Load().Config.Ingest.Auth != IngestRequired {
		return nil
	}
	return p.gate
}

// webAccess says to the web page who gets in.
func (p *parts) webAccess() (web.Access, error) {
	c := p.set.Load().Config.Server
	trusted, err := prefixes(c.TrustedProxies)
	if err != nil {
		return web.Access{}, err
	}
	a := web.Access{Keeper: p.access, SignIn: c.Auth.SignIn(), Secure: c.secure(), Trusted: trusted, Note: p.accessNote()}
	if u, err := url.Parse(p.externalURL()); err == nil && !c.Auth.SignIn() {
		a.Hosts = []string{strings.ToLower(u.Hostname())}
	}
	if c.Auth.SignIn() || p.set.Load().Config.Ingest.Auth == IngestRequired {
		a.Ingest = p.gate
	}
	if o := c.Auth.OIDC; o != nil {
		provider, err := oidc.New(o.options(p.externalURL()))
		if err != nil {
			return web.Access{}, err
		}
		a.Provider = provider
	}
	return a, nil
}

// called is how people call the provider.
func (o *OIDCConfig) called() string {
	host := o.Issuer
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host, _, _ = strings.Cut(rest, "/")
	}
	return cmp.Or(o.Name, host)
}

// options are those of the provider.
func (o *OIDCConfig) options(externalURL string) oidc.Options {
	roles := map[string]auth.Role{}
	for group, role := range o.Roles {
		roles[group] = auth.Role(role)
	}
	scopes := o.Scopes
	if len(scopes) == 0 {
		scopes = []string{"profile", "email", "groups"}
	}
	return oidc.Options{
		Issuer: o.Issuer, ClientID: o.ClientID, Name: o.called(), Scopes: scopes,
		RedirectURL: cmp.Or(o.RedirectURL, strings.TrimRight(externalURL, "/")+"/oidc/callback"),
		NameClaim:   cmp.Or(o.NameClaim, "preferred_username"), GroupsClaim: cmp.Or(o.GroupsClaim, "groups"),
		Roles: roles, Teams: o.Teams,
		ClientSecret: func() (string, error) {
			if o.ClientSecretFile == "" {
				return "", nil
			}
			text, err := os.ReadFile(o.ClientSecretFile)
			if err != nil {
				return "", fmt.Errorf("read the secret of the OIDC client: %w", err)
			}
			return strings.TrimSpace(string(text)), nil
		},
	}
}

// noteReload writes a reload that nobody asked for by HTTP into the audit log.
func (p *parts) noteReload(ctx context.Context, by string, err error) {
	e := auth.Entry{Who: by, Act: "reload the configuration", Outcome: auth.Done, Object: p.set.Load().ConfigPath}
	if err != nil {
		e.Outcome, e.Detail = auth.Refused, err.Error()
	}
	if err := p.access.Record(ctx, e); err != nil {
		p.logger.Error("a reload is not in the audit log", "by", by, "error", err)
	}
}
