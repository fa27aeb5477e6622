package post

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// connections is how many idle connections are kept for one receiver: as many as
// messages that are sent at once.
const connections = 64

// transport returns what carries the requests.
func (o Options) transport() (http.RoundTripper, error) {
	if o.HTTP == nil {
		return watched(o.Transport, o.Timeout), nil
	}
	c := o.HTTP.HTTPClientConfig
	if o.Transport != nil {
		return signing(c, watched(o.Transport, o.Timeout))
	}
	tlsConfig, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, fmt.Errorf("http_config.tls_config: %w", err)
	}
	own := func(tlsConfig *tls.Config) (http.RoundTripper, error) {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(c.EnableHTTP2)
		return signing(c, watched(&http.Transport{
			Proxy: c.Proxy(), ProxyConnectHeader: c.GetProxyConnectHeader(), TLSClientConfig: tlsConfig, Protocols: protocols,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: o.Timeout,
		}, o.Timeout))
	}
	// Certificates in files may be replaced; this notices it.
	return promconfig.NewTLSRoundTripper(tlsConfig, promconfig.TLSRoundTripperSettings{
		CA: reader(c.TLSConfig.CA, c.TLSConfig.CAFile), Cert: reader(c.TLSConfig.Cert, c.TLSConfig.CertFile),
		Key: reader(string(c.TLSConfig.Key), c.TLSConfig.KeyFile),
	}, own)
}

// watched returns a transport that lets go of a connection which fell silent
// before the next attempt. HTTP/2 keeps one connection for all requests, and
// without pings each of them would time out on it until the kernel gives it up,
// which takes a quarter of an hour.
func watched(t http.RoundTripper, timeout time.Duration) http.RoundTripper {
	if t == nil {
		t = http.DefaultTransport
	}
	own, ok := t.(*http.Transport)
	if !ok || own.HTTP2 != nil {
		return t
	}
	own = own.Clone()
	own.HTTP2 = &http.HTTP2Config{SendPingTimeout: timeout / 2, PingTimeout: timeout / 4}
	if own.MaxIdleConnsPerHost == 0 {
		own.MaxIdleConnsPerHost = connections
	}
	return own
}

// signing adds to each request what signs it in, and the user's headers.
func signing(c promconfig.HTTPClientConfig, t http.RoundTripper) (http.RoundTripper, error) {
	if c.Authorization != nil {
		t = promconfig.NewAuthorizationCredentialsRoundTripper(c.Authorization.Type,
			reader(string(c.Authorization.Credentials), c.Authorization.CredentialsFile), t)
	}
	if c.BearerToken != "" || c.BearerTokenFile != "" {
		t = promconfig.NewAuthorizationCredentialsRoundTripper("Bearer", reader(string(c.BearerToken), c.BearerTokenFile), t)
	}
	if b := c.BasicAuth; b != nil {
		t = promconfig.NewBasicAuthRoundTripper(reader(b.Username, b.UsernameFile), reader(string(b.Password), b.PasswordFile), t)
	}
	if c.OAuth2 != nil {
		t = promconfig.NewOAuth2RoundTripper(reader(string(c.OAuth2.ClientSecret), c.OAuth2.ClientSecretFile), c.OAuth2, t)
	}
	if c.HTTPHeaders != nil {
		t = promconfig.NewHeadersRoundTripper(c.HTTPHeaders, t)
	}
	return t, nil
}

// reader reads a value that is given itself or in a file; nil when it is not given.
func reader(value, file string) promconfig.SecretReader {
	switch {
	case file != "":
		return promconfig.NewFileSecret(file)
	case value != "":
		return promconfig.NewInlineSecret(value)
	}
	return nil
}
