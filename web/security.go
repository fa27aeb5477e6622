package web

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
)

// policyCSP lets a page load only what this server embeds: no inline script,
// no inline style, no foreign origin, no frame.
const policyCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secured sets the headers that every answer of ours carries. Answers show the
// moment, so nothing is cached unless a handler says otherwise.
func secured(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policyCSP)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// refuseOthers answers a request that changes something and comes from a page of another site.
func (s *server) refuseOthers(w http.ResponseWriter, _ *http.Request) {
	s.gates.refused.WithLabelValues(refusedOrigin).Inc()
	w.Header().Set("Content-Type", asJSON+"; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(errorJSON{Error: "The request comes from a page of another site.", // a client that is gone needs no answer
		Detail: "Send it from Burnline's own pages, or without a browser. Behind a proxy, external_url has to be the address that people see."})
}
