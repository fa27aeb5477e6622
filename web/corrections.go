package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
	"burnline/slo/corrections"
)

// Corrections is what takes time out of budgets, and who may say so.
type Corrections interface {
	// List returns the corrections in force, of files and of the API, and those
	// of the API that were removed.
	List(ctx context.Context) (inForce, removed []slo.Correction, err error)
	// Add puts a correction in force, which corrections.Compile has prepared. It fails with
	// corrections.ErrTaken where the ID is another one's.
	Add(ctx context.Context, c slo.Correction) error
	// Remove puts one out of force and keeps who did it. It fails with
	// corrections.ErrUnknown where there is none, and with corrections.ErrFile
	// where it stands in a file.
	Remove(ctx context.Context, id, by string) error
	// Of returns the corrections that concern one SLO in (from, to], with their
	// intervals there.
	Of(id string, from, to time.Time) []slo.Applied
}

// maxCorrection bounds the body of a request.
const maxCorrection = 64 << 10

// correctionTimeout bounds what one request may wait for the store of state.
const correctionTimeout = 10 * time.Second

// correctionJSON is a correction with what it does now.
type correctionJSON struct {
	slo.Correction
	// Active is true while it takes time out, and Next is the interval of now or the
	// next one; null where there is none within a year.
	Active bool          `json:"active"`
	Next   *slo.Interval `json:"next"`
	// Concerned are how many SLOs it concerns.
	Concerned int `json:"concerned_slos"`
}

// appliedJSON is a correction in some stretch of time.
type appliedJSON struct {
	ID        string             `json:"id"`
	Kind      slo.CorrectionKind `json:"kind"`
	Reason    string             `json:"reason"`
	Author    string             `json:"author"`
	Rule      string             `json:"rrule"`
	Zone      string             `json:"timezone"`
	Intervals []slo.Interval     `json:"intervals"`
}

// correctionsJSON are corrections in force, and those that were removed.
type correctionsJSON struct {
	Corrections []correctionJSON `json:"corrections"`
	// Removed are there where they were asked for.
	Removed []correctionJSON `json:"removed,omitzero"`
}

// uncorrectedJSON is a correction that was removed.
type uncorrectedJSON struct {
	// Removed is its ID, and By who removed it.
	Removed string `json:"removed"`
	By      string `json:"by"`
}

// apiCorrections lists the corrections in force, and the removed ones where asked to.
func (s *server) apiCorrections(c *gin.Context) {
	q := struct {
		Removed bool `form:"removed"`
	}{}
	if err := c.ShouldBindQuery(&q); err != nil {
		s.fail(c, http.StatusBadRequest, "removed is true or false.", c.Query("removed"))
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	inForce, removed, err := s.Corrections.List(ctx)
	if err != nil {
		s.correctionFailed(c, err)
		return
	}
	out := correctionsJSON{Corrections: s.toCorrections(inForce)}
	if q.Removed {
		out.Removed = s.toCorrections(removed)
	}
	c.JSON(http.StatusOK, out)
}

func (s *server) toCorrections(all []slo.Correction) []correctionJSON {
	out := []correctionJSON{}
	for _, one := range all {
		out = append(out, s.toCorrection(one))
	}
	return out
}

func (s *server) toCorrection(one slo.Correction) correctionJSON {
	out := correctionJSON{Correction: one}
	if !one.Removed.IsZero() {
		return out
	}
	now := s.Now()
	if next := one.Between(now, now.AddDate(1, 0, 0)); len(next) > 0 {
		out.Next = &next[0]
		out.Active = !next[0].From.After(now)
	}
	for _, d := range s.Engine.Definitions() {
		if one.Applies(d) {
			out.Concerned++
		}
	}
	return out
}

// apiCorrect puts a new correction in force.
func (s *server) apiCorrect(c *gin.Context) {
	in, err := corrections.Decode(http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection))
	if err != nil {
		s.badBody(c, "The body is no correction.", err.Error(), err)
		return
	}
	one, err := s.correctionOf(c, in)
	if err != nil {
		s.correctionFailed(c, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	if err := s.Corrections.Add(ctx, one); err != nil {
		s.correctionFailed(c, err)
		return
	}
	c.JSON(http.StatusCreated, s.toCorrection(one))
}

// correctionOf is the correction that a request asks for.
func (s *server) correctionOf(c *gin.Context, in corrections.Input) (slo.Correction, error) {
	now := s.Now().UTC().Truncate(time.Second)
	if in.ID == "" {
		in.ID = now.Format("20060102-150405-") + strings.ToLower(rand.Text()[:6])
	}
	in.Author = s.actorOr(c, in.Author)
	one, err := in.Correction()
	one.Created = now
	return one, err
}

// apiUncorrect puts a correction out of force.
func (s *server) apiUncorrect(c *gin.Context) {
	by := strings.TrimSpace(s.actorOr(c, c.Query("author")))
	if err := corrections.CheckAuthor(by); err != nil {
		var found slo.Problems
		_ = errors.As(err, &found)
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The correction was not removed.", err.Error(), found})
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	if err := s.Corrections.Remove(ctx, c.Param("id"), by); err != nil {
		s.correctionFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, uncorrectedJSON{c.Param("id"), by})
}

// correctionFailed says what is wrong with a request; all of it at once.
func (s *server) correctionFailed(c *gin.Context, err error) {
	var found slo.Problems
	switch {
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The correction is not in force.", err.Error(), found})
	case errors.Is(err, corrections.ErrTaken), errors.Is(err, corrections.ErrFile):
		s.fail(c, http.StatusConflict, "The correction was not changed.", err.Error())
	case errors.Is(err, corrections.ErrUnknown):
		s.fail(c, http.StatusNotFound, "No correction in force has this ID.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "Corrections can't be read or kept at the moment.", err.Error())
	}
}

// corrected returns the corrections that concern an SLO in (from, to].
func (s *server) corrected(id string, from, to time.Time) []appliedJSON {
	out := []appliedJSON{}
	if s.Corrections == nil {
		return out
	}
	for _, a := range s.Corrections.Of(id, from, to) {
		out = append(out, appliedJSON{a.ID, a.Kind, a.Reason, a.Author, a.Rule, a.Zone, a.Intervals})
	}
	return out
}
