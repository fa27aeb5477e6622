package statuspage

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// document is one answer, ready to be sent.
type document struct {
	// path is where it stands, if that matters.
	path        string
	kind        string
	plain, gzip []byte
	etag        string
	// keep is for how long visitors may keep it, in whole seconds.
	keep time.Duration
	// anywhere lets other sites show it.
	anywhere bool
}

// newDocument compresses a body and names it by its content.
func newDocument(kind string, body []byte) (document, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return document{}, fmt.Errorf("compress the status page: %w", err)
	}
	sum := sha256.Sum256(body)
	return document{kind: kind, plain: body, gzip: out.Bytes(), etag: hex.EncodeToString(sum[:8]), keep: every}, nil
}

// serve answers with the document, or that the visitor has it.
func (d *document) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, tag := d.plain, `"`+d.etag+`"`
	if accepts(r) {
		body, tag = d.gzip, `"`+d.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(d.keep/time.Second)))
	h.Set("ETag", tag)
	h.Set("Vary", "Accept-Encoding")
	if d.anywhere {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	for given := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(given), "W/") == tag {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", d.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // who is gone reads nothing
	}
}

// accepts reports whether the visitor reads gzip.
func accepts(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		refused := strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") == "" && weight != ""
		if strings.TrimSpace(name) == "gzip" && !refused {
			return true
		}
	}
	return false
}
