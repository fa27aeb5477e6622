package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"burnline/docs/runbooks"
)

// runbook shows what to look at and do first, as the packs' annotations link to it.
func (s *server) runbook(c *gin.Context) {
	text, ok := runbooks.Read(c.Param("pack"))
	if !ok {
		s.notFound(c)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", text)
}
