package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
)

// auditTimeout bounds how long an entry of the audit log may take.
const auditTimeout = 10 * time.Second

// keys of what handlers note for the audit log.
const (
	notedObject = "audit object"
	notedDetail = "audit detail"
	notedWho    = "audit who"
	unwritten   = "audit nothing"
)

// noted says to the audit log what a request was about, where its path does not.
func noted(c *gin.Context, object, detail string) {
	c.Set(notedObject, object)
	c.Set(notedDetail, detail)
}

// notWritten keeps a request out of the audit log: strangers may make as many of it as they like, and
// nothing is ever deleted from the log.
func notWritten(c *gin.Context) { c.Set(unwritten, true) }

// writeDown appends what a request changed, or was not allowed to, to the audit log. What programs
// feed is not written down, nor what nobody was let in for. One whose handler is broken has failed,
// whatever was answered until then.
func (s *server) writeDown(c *gin.Context, rt route, broken bool) {
	who := auth.From(c.Request.Context())
	if s.Access.Keeper == nil || rt.act == "" || rt.access == toFeed || rt.access == toShow || who.Way == auth.Nobody && rt.access != toAll || c.GetBool(unwritten) {
		return
	}
	status := c.Writer.Status()
	if broken && status < http.StatusInternalServerError {
		status = http.StatusInternalServerError
	}
	e := auth.Entry{
		Who: who.Name, Way: who.Way, Token: who.Token, From: s.address(c.Request), Act: rt.act, Route: c.Request.Method + " " + c.Request.URL.Path,
		Object: objectOf(c), Detail: c.GetString(notedDetail), Status: status, Outcome: auth.Done,
	}
	if name := c.GetString(notedWho); name != "" {
		e.Who = name
	}
	switch {
	case status >= http.StatusInternalServerError:
		e.Outcome = auth.Failed
	case status >= http.StatusBadRequest:
		e.Outcome = auth.Refused
	}
	s.record(c.Request.Context(), e)
}

// record appends an entry, also when the client is gone.
func (s *server) record(ctx context.Context, e auth.Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	if err := s.Access.Keeper.Record(ctx, e); err != nil {
		s.Logger.Error("a change is not in the audit log", "who", e.Who, "act", e.Act, "object", e.Object, "outcome", e.Outcome, "error", err)
	}
}

// objectOf names what a request is about: what its handler said, else what its path names.
func objectOf(c *gin.Context) string {
	if object := c.GetString(notedObject); object != "" {
		return object
	}
	var names []string
	for _, p := range c.Params {
		names = append(names, strings.TrimPrefix(p.Value, "/"))
	}
	return strings.Join(names, " ")
}
