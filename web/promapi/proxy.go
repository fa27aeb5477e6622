package promapi

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"strings"
)

// newProxy passes queries to the backend. The client's credentials stay here,
// the backend's are added by the transport, and redirects aren't followed.
func newProxy(o Options) http.Handler {
	base := *o.Backend
	if base.Path == "" {
		base.Path = "/" // JoinPath keeps a path without a leading slash so
	}
	return &httputil.ReverseProxy{
		Transport: o.Transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			// The path was checked to be one of ours before it came here.
			rest := strings.TrimPrefix(p.In.URL.EscapedPath(), o.Prefix)
			target := base.JoinPath("api/v1", rest)
			p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
			p.Out.URL.Path, p.Out.URL.RawPath = target.Path, target.RawPath
			p.Out.Host = ""
			for _, secret := range []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Scope-Orgid", "Origin", "Referer"} {
				p.Out.Header.Del(secret)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode >= 300 && r.StatusCode < 400 && r.StatusCode != http.StatusNotModified {
				return fmt.Errorf("it redirects with status %d; set the query URL to where it points", r.StatusCode)
			}
			for name := range r.Header {
				if name == "Set-Cookie" || strings.HasPrefix(name, "Access-Control-") {
					r.Header.Del(name)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				fail(w, http.StatusServiceUnavailable, "timeout", "the metrics backend did not answer in time")
				return
			}
			o.Logger.Warn("Metrics backend failed to answer a query", "err", err)
			fail(w, http.StatusBadGateway, "unavailable", "metrics backend: "+err.Error())
		},
	}
}
