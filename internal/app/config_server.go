package app

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"burnline/internal/auth"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// TLSConfig is a certificate and its key, which are read again when the files change.
type TLSConfig struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// MinVersion is 1.2 or 1.3; "" is 1.2.
	MinVersion string `yaml:"min_version"`
	// ClientCAFile holds authorities in PEM; who shows a certificate of one may send telemetry and alerts
	// without a token. "" asks for no certificates.
	ClientCAFile string `yaml:"client_ca_file"`
}

// AuthMode says how people get in.
type AuthMode string

// The modes. Without one it is open on the loopback interface, and refused elsewhere.
const (
	AuthOpen  AuthMode = "open"
	AuthLocal AuthMode = "local"
	AuthOIDC  AuthMode = "oidc"
)

// AuthConfig says who gets in.
type AuthConfig struct {
	Mode AuthMode `yaml:"mode"`
	// OIDC is the provider that vouches for people; local users get in beside it.
	OIDC    *OIDCConfig   `yaml:"oidc"`
	Session SessionConfig `yaml:"session"`
	// FirstAdmin is who is let in where there is no local admin; nil is nobody.
	FirstAdmin *FirstAdminConfig `yaml:"first_admin"`
}

// FirstAdminConfig is the admin that the server makes by itself.
type FirstAdminConfig struct {
	// Name is "admin" where it is left out.
	Name string `yaml:"name"`
	// PasswordFile holds the password. It is read only while there is no local admin, and may be gone after that.
	PasswordFile string `yaml:"password_file"`
}

// called is the admin's name.
func (f FirstAdminConfig) called() string { return cmp.Or(f.Name, "admin") }

// SessionConfig is how long people stay signed in: without a request, and at most.
type SessionConfig struct {
	Idle     time.Duration `yaml:"idle"`
	Absolute time.Duration `yaml:"absolute"`
}

// OIDCConfig is an OpenID Connect provider and what its groups may.
type OIDCConfig struct {
	Issuer   string `yaml:"issuer"`
	ClientID string `yaml:"client_id"`
	// ClientSecretFile holds the client's secret; "" for a public client.
	ClientSecretFile string `yaml:"client_secret_file"`
	// RedirectURL is where the provider sends people back to; "" is external_url + /oidc/callback.
	RedirectURL string `yaml:"redirect_url"`
	// Name is how the page of signing in calls the provider; "" is the issuer's host.
	Name string `yaml:"name"`
	// Scopes are asked for beside openid; none stands for profile, email and groups.
	Scopes []string `yaml:"scopes"`
	// NameClaim and GroupsClaim are what in an ID token tells a person's name and groups; "" are
	// preferred_username and groups.
	NameClaim   string `yaml:"name_claim"`
	GroupsClaim string `yaml:"groups_claim"`
	// Roles and Teams are what groups give; the group * is everybody's. Of several roles the
	// highest counts.
	Roles map[string]string `yaml:"roles"`
	Teams map[string]string `yaml:"teams"`
}

// DefaultAuthConfig says no mode, and how long sessions last.
func DefaultAuthConfig() AuthConfig {
	l := auth.DefaultLimits()
	return AuthConfig{Session: SessionConfig{Idle: l.Idle, Absolute: l.Absolute}}
}

// SignIn reports whether people have to sign in.
func (c AuthConfig) SignIn() bool { return c.Mode == AuthLocal || c.Mode == AuthOIDC }

// scheme is http, or https with a certificate.
func (c ServerConfig) scheme() string {
	if c.TLS != nil {
		return "https"
	}
	return "http"
}

// own is the address that it listens on, as a web address.
func (c ServerConfig) own() string { return c.scheme() + "://" + c.Listen }

// secure reports whether browsers come by TLS, this server's or a proxy's.
func (c ServerConfig) secure() bool {
	return c.TLS != nil || strings.HasPrefix(c.ExternalURL, "https://")
}

// loopback reports whether only this machine reaches it.
func (c ServerConfig) loopback() bool { return auth.Loopback(c.Listen) }

// minVersion is the oldest version of TLS that is spoken.
func (t TLSConfig) minVersion() (uint16, bool) {
	switch t.MinVersion {
	case "", "1.2":
		return tls.VersionTLS12, true
	case "1.3":
		return tls.VersionTLS13, true
	}
	return 0, false
}

// validate checks a certificate of a key; nil is none.
func (t *TLSConfig) validate(key string) slo.Findings {
	if t == nil {
		return nil
	}
	var findings slo.Findings
	if t.CertFile == "" || t.KeyFile == "" {
		findings = append(findings, wrong(key, "it needs both cert_file and key_file", "write both, or remove tls"))
	}
	if _, ok := t.minVersion(); !ok {
		findings = append(findings, wrong(key+".min_version", "TLS "+t.MinVersion+" is not spoken", `write "1.2" or "1.3"`))
	}
	return findings
}

// validate checks who gets in, and how it is served.
func (c ServerConfig) validate() slo.Findings {
	findings := c.TLS.validate("server.tls")
	if _, err := prefixes(c.TrustedProxies); err != nil {
		findings = append(findings, wrong("server.trusted_proxies", err.Error(), "write addresses and networks such as 10.0.0.7 or 10.0.0.0/8"))
	}
	if s := c.Auth.Session; s.Idle < 5*time.Minute || s.Absolute < s.Idle {
		findings = append(findings, wrong("server.auth.session", "idle is less than 5m, or more than absolute", "write such as {idle: 12h, absolute: 7d}"))
	}
	if !slices.Contains([]AuthMode{"", AuthOpen, AuthLocal, AuthOIDC}, c.Auth.Mode) {
		findings = append(findings, wrong("server.auth.mode", "there is no mode "+string(c.Auth.Mode), "write open, local or oidc"))
	}
	findings = append(findings, c.Auth.validateOIDC(c)...)
	findings = append(findings, c.Auth.validateFirstAdmin()...)
	return append(findings, c.guarded()...)
}

// guarded refuses to let a network in where nobody signs in.
func (c ServerConfig) guarded() slo.Findings {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil || c.loopback() { // what is no address is said elsewhere
		return nil
	}
	if !c.Auth.SignIn() {
		return slo.Findings{wrong("server.auth", c.Listen+" is reached from the network, and nobody signs in: whoever reaches it could silence every page",
			"write server: {auth: {mode: local}} in burnline.yaml and run burnline users add NAME --role admin, or listen on 127.0.0.1; docs/access.md has the rest")}
	}
	if !c.secure() {
		return slo.Findings{{Path: "server.tls", Level: slo.LevelWarning, Message: "passwords and tokens go over the network unencrypted",
			Instead: "write server.tls, or put a proxy with TLS before it and its address into server.external_url"}}
	}
	return nil
}

// validateFirstAdmin checks the admin that is made. Whether the file is there is looked at only when it is needed.
func (c AuthConfig) validateFirstAdmin() (findings slo.Findings) {
	const key = "server.auth.first_admin"
	f := c.FirstAdmin
	if f == nil {
		return nil
	}
	if !c.SignIn() {
		findings = append(findings, wrong(key, "it has no effect where nobody signs in", "write mode: local or oidc, or remove it"))
	}
	if !auth.GoodName(f.called()) {
		findings = append(findings, wrong(key+".name", f.Name+" can't be a name", "write letters, digits and . _ @ + - only, at most 100, such as admin"))
	}
	if f.PasswordFile == "" {
		findings = append(findings, wrong(key+".password_file", "it is empty", "write the path of a file that holds a password of at least 12 characters"))
	}
	return findings
}

func (c AuthConfig) validateOIDC(server ServerConfig) slo.Findings {
	const key = "server.auth.oidc"
	switch {
	case c.Mode == AuthOIDC && c.OIDC == nil:
		return slo.Findings{wrong(key, "the mode is oidc, and no provider is named", "write oidc: {issuer: https://…, client_id: burnline, roles: {…}}")}
	case c.OIDC == nil:
		return nil
	case c.Mode != AuthOIDC:
		return slo.Findings{wrong(key, "it has no effect in this mode", "write mode: oidc, or remove it")}
	}
	o := c.OIDC
	findings := yamlconf.WebAddress(key+".issuer", o.Issuer, "https://login.example.com")
	if o.ClientID == "" {
		findings = append(findings, wrong(key+".client_id", "it is empty", "write the ID that the provider gave this server"))
	}
	if o.RedirectURL != "" {
		findings = append(findings, yamlconf.WebAddress(key+".redirect_url", o.RedirectURL, "https://burnline.example.com/oidc/callback")...)
	}
	if o.RedirectURL == "" && server.ExternalURL == "" && !server.loopback() {
		findings = append(findings, wrong(key+".redirect_url", "it is not known where people come back to", "write server.external_url"))
	}
	if u, err := url.Parse(o.RedirectURL); err == nil && o.RedirectURL != "" && u.Path != "/oidc/callback" {
		findings = append(findings, wrong(key+".redirect_url", "nothing answers at "+u.Path, "let its path be /oidc/callback"))
	}
	if len(o.Roles) == 0 {
		findings = append(findings, wrong(key+".roles", "no group gives a role, so nobody gets in", `write such as {sre: admin, developers: editor, "*": viewer}`))
	}
	for group, role := range o.Roles {
		if !slices.Contains(auth.Roles(), auth.Role(role)) {
			findings = append(findings, wrong(key+".roles."+group, "there is no role "+role, "write viewer, editor or admin"))
		}
	}
	return findings
}

// prefixes reads addresses and networks.
func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		if ip, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
