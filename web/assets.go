package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed assets templates
var embedded embed.FS

// assetVersion hashes all assets into the folder that they are served from, so
// that browsers may keep them for good and still see a new build at once.
func assetVersion() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(embedded, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash embedded assets: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// asset serves one embedded file. An address of another build gets the file of
// this build, uncached.
func (s *server) asset(c *gin.Context) {
	if c.Param("version") == s.pages.assets {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	s.file(c, strings.TrimPrefix(c.Param("file"), "/"))
}

// favicon answers browsers that ask for the icon by its old name.
func (s *server) favicon(c *gin.Context) {
	c.Header("Cache-Control", "public, max-age=86400")
	s.file(c, "logo.svg")
}

func (s *server) file(c *gin.Context, name string) {
	data, err := embedded.ReadFile(path.Join("assets", path.Clean("/"+name)))
	if err != nil {
		c.Header("Cache-Control", "no-store")
		s.notFound(c)
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // not every system's table has these
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	case ".LICENSE", ".md":
		kind = "text/plain; charset=utf-8"
	}
	c.Data(http.StatusOK, kind, data)
}
