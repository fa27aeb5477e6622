package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Silences is what keeps messages back, and who may say so. What fails with slo.Problems,
// *silences.TooWide or silences.ErrUnknown is the caller's to mend; other errors are the
// store's.
type Silences interface {
	// List returns the active ones, those to come, and those of the last 30 days.
	List(ctx context.Context) ([]alerting.Silence, error)
	// Silence returns one, however old.
	Silence(ctx context.Context, id string) (alerting.Silence, error)
	// Preview says what one would keep quiet.
	Preview(ctx context.Context, r silences.Request) (silences.Preview, error)
	// Put puts one in force, new or in the place of another.
	Put(ctx context.Context, r silences.Request) (alerting.Silence, error)
	// Expire ends one and keeps who did it.
	Expire(ctx context.Context, id, by string) (alerting.Silence, error)
}

// maxSilence bounds the body of a request.
const maxSilence = 64 << 10

// silenceJSON is a silence with where it stands now.
type silenceJSON struct {
	ID            string                `json:"id"`
	State         alerting.SilenceState `json:"state"`
	Matchers      []string              `json:"matchers"`
	StartsAt      time.Time             `json:"starts_at"`
	EndsAt        time.Time             `json:"ends_at"`
	Author        string                `json:"author"`
	Reason        string                `json:"reason"`
	UntilResolved bool                  `json:"until_resolved"`
	Ceiling       float64               `json:"ceiling"`
	UpdatedAt     time.Time             `json:"updated_at"`
	ExpiredBy     string                `json:"expired_by,omitempty"`
}

func (s *server) toSilence(one alerting.Silence) silenceJSON {
	out := silenceJSON{
		ID: one.ID, State: one.State(s.Now()), Matchers: matcherTexts(one), StartsAt: one.StartsAt, EndsAt: one.EndsAt, Author: one.Author,
		Reason: one.Reason, UntilResolved: one.UntilResolved, Ceiling: one.Ceiling, UpdatedAt: one.UpdatedAt, ExpiredBy: one.ExpiredBy,
	}
	return out
}

// matcherTexts writes the matchers as people enter them.
func matcherTexts(one alerting.Silence) []string {
	texts := []string{}
	for _, m := range one.Matchers {
		texts = append(texts, m.String())
	}
	return texts
}

// silencesJSON are silences.
type silencesJSON struct {
	Silences []silenceJSON `json:"silences"`
}

// wideJSON says that a silence mutes so much that it has to be confirmed.
type wideJSON struct {
	Error  string `json:"error"`
	Detail string `json:"detail"`
	// Preview is what it would mute; missing where it contradicts something else.
	Preview silences.Preview `json:"preview,omitzero"`
}

// apiSilences lists silences; those that are over where asked to.
func (s *server) apiSilences(c *gin.Context) {
	q := struct {
		Expired bool `form:"expired"`
	}{}
	if err := c.ShouldBindQuery(&q); err != nil {
		s.fail(c, http.StatusBadRequest, "expired is true or false.", c.Query("expired"))
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Silences.List(ctx)
	if err != nil {
		s.silenceFailed(c, err)
		return
	}
	out := []silenceJSON{}
	for _, one := range all {
		if q.Expired || one.State(s.Now()) != alerting.SilenceExpired {
			out = append(out, s.toSilence(one))
		}
	}
	c.JSON(http.StatusOK, silencesJSON{out})
}

// apiSilence returns one silence.
func (s *server) apiSilence(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	one, err := s.Silences.Silence(ctx, c.Param("id"))
	if err != nil {
		s.silenceFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, s.toSilence(one))
}

// asked reads the silence that a request asks for; false when it has answered.
func (s *server) asked(c *gin.Context) (silences.Request, bool) {
	in, err := silences.Decode(http.MaxBytesReader(c.Writer, c.Request.Body, maxSilence))
	if err != nil {
		s.badBody(c, "The body is no silence.", err.Error(), err)
		return silences.Request{}, false
	}
	in.Author = s.actorOr(c, in.Author)
	r, err := in.Request(s.Now())
	if err != nil {
		s.silenceFailed(c, err)
		return silences.Request{}, false
	}
	return r, true
}

// apiSilenceNow puts a silence in force.
func (s *server) apiSilenceNow(c *gin.Context) {
	r, ok := s.asked(c)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	one, err := s.Silences.Put(ctx, r)
	if err != nil {
		s.silenceFailed(c, err)
		return
	}
	c.JSON(http.StatusCreated, s.toSilence(one))
}

// apiSilencePreview says what a silence would keep quiet; only its matchers matter.
func (s *server) apiSilencePreview(c *gin.Context) {
	r, ok := s.asked(c)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	p, err := s.Silences.Preview(ctx, r)
	if err != nil {
		s.silenceFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, p)
}

// apiUnsilence ends a silence.
func (s *server) apiUnsilence(c *gin.Context) {
	by := strings.TrimSpace(s.actorOr(c, c.Query("author")))
	var found slo.Problems
	if found.Text("author", "write who ends it, as in ?author=ada", by); len(found) > 0 {
		s.silenceFailed(c, found)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	one, err := s.Silences.Expire(ctx, c.Param("id"), by)
	if err != nil {
		s.silenceFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, s.toSilence(one))
}

// silenceFailed says what is wrong with a request; all of it at once.
func (s *server) silenceFailed(c *gin.Context, err error) {
	var found slo.Problems
	var wide *silences.TooWide
	switch {
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The silence can't be taken so.", err.Error(), found})
	case errors.As(err, &wide):
		c.JSON(http.StatusConflict, wideJSON{"The silence is not in force: it has to be confirmed.", err.Error(), wide.Preview})
	case errors.Is(err, silences.ErrUnknown):
		s.fail(c, http.StatusNotFound, "No silence has this ID.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "Silences can't be read or kept at the moment.", err.Error())
	}
}

// silenceRoutes are the page and the API of silences; none where there are none.
func (s *server) silenceRoutes() []route {
	if s.Silences == nil {
		return nil
	}
	const path = "/api/v1/silences"
	return []route{
		view("/silences", s.silencesPage),
		form("/silences", toChange, s.silenceNow).does("silence", s.ofSilenceForm),
		form("/silences/:id/expire", toChange, s.unsilenceNow).does("end a silence", s.ofSilence),
		api(http.MethodGet, path, toShow, s.apiSilences, operation{summary: "Silences: what keeps messages back", answer: silencesJSON{},
			query: map[string]string{"expired": "list those that ended within 30 days as well"}, kinds: params{"expired": yesNo()}, also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodGet, path+"/:id", toShow, s.apiSilence, operation{summary: "One silence, however old", answer: silenceJSON{}, also: silenceRefusals(nil)}),
		api(http.MethodPost, path, toChange, s.apiSilenceNow, operation{summary: "Put a silence in force, or change the one of its id; with other matchers that one ends and another begins",
			body: silences.Input{}, answer: silenceJSON{}, made: http.StatusCreated, with: map[int]any{http.StatusConflict: wideJSON{}},
			also: silenceRefusals(map[int]string{http.StatusCreated: "In force, and safe on disk", http.StatusConflict: "It mutes so much that it has to be confirmed; preview says how much"})}).does("silence", s.ofSilenceBody),
		api(http.MethodPost, path+"/preview", toShow, s.apiSilencePreview, operation{summary: "What a silence of these matchers keeps quiet now, and would have in the last week; nothing changes",
			body: silences.Input{}, answer: silences.Preview{}, also: silenceRefusals(nil)}),
		api(http.MethodDelete, path+"/:id", toChange, s.apiUnsilence, operation{summary: "End a silence now; who did it is kept", answer: silenceJSON{},
			query: map[string]string{"author": "who ends it"}, needs: []string{"author"}, also: silenceRefusals(nil)}).does("end a silence", s.ofSilence),
	}
}

// silenceRefusals are what the routes of silences may answer beside what is asked of them.
func silenceRefusals(more map[int]string) map[int]string {
	texts := map[int]string{http.StatusNotFound: "No silence has the ID", http.StatusUnprocessableEntity: "All that is wrong with it", http.StatusServiceUnavailable: storeAway}
	maps.Copy(texts, more)
	return texts
}
