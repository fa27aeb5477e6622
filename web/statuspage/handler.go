package statuspage

import (
	"net/http"
	"strings"
)

// Paths of what is answered.
const (
	pagePath  = "/status"
	jsonPath  = "/status.json"
	feedPath  = "/status/feed.xml"
	badgePath = "/status/badge/"
	stylePath = "/status/style-"
)

// policy lets the page load its own style sheet and nothing else: no script, no frame, no form.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler answers /status and what belongs to it; where the page is served apart, alone behaves as its address does:
// / is the page too. Everything else is answered with 404. It reads nothing but memory, and sets no cookies.
func (b *Board) Handler(alone bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		path := r.URL.Path
		if alone && path == "/" {
			path = pagePath
		}
		answer, doc, there := b.find(path)
		switch {
		case answer == "":
			b.count("nothing")
			h.Set("Cache-Control", "no-store")
			http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			b.count("nothing")
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This page is only read.", http.StatusMethodNotAllowed)
		case !there:
			b.count("nothing")
			h.Set("Cache-Control", "no-store")
			h.Set("Retry-After", "5")
			http.Error(w, "The status page is being made. Try again in a few seconds.", http.StatusServiceUnavailable)
		default:
			b.count(answer)
			doc.serve(w, r)
		}
	})
}

// find returns what stands at a path, "" where nothing ever does, and whether it is made yet.
func (b *Board) find(path string) (answer string, d *document, there bool) {
	if strings.HasPrefix(path, stylePath) {
		if path != b.style.path {
			return "", nil, false
		}
		return "style", &b.style, true
	}
	now := b.now.Load()
	if now == nil {
		if len(b.o.Config().Journeys) > 0 && (path == pagePath || path == jsonPath || path == feedPath) {
			return "page", nil, false
		}
		return "", nil, false
	}
	switch path {
	case pagePath:
		return "page", &now.page, true
	case jsonPath:
		return "json", &now.json, true
	case feedPath:
		return "feed", &now.feed, true
	}
	if badge, ok := now.badges[path]; ok {
		return "badge", &badge, true
	}
	return "", nil, false
}

func (b *Board) count(answer string) { b.metrics.requests.WithLabelValues(answer).Inc() }
