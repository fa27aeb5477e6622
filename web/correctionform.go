package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
	"burnline/slo/corrections"
)

// correctionForm is what stands in the form of a new correction. The four lists have commas between their
// names.
type correctionForm struct {
	Kind                            slo.CorrectionKind
	SLOs, Services, Teams, Journeys string
	From, To, Zone, Rule            string
	Reason, Author                  string
}

// newCorrection is the form as it is offered: an hour from now, of one SLO where that is not "".
func newCorrection(id string, now time.Time) correctionForm {
	const minute = "2006-01-02 15:04"
	now = now.UTC()
	return correctionForm{Kind: slo.Maintenance, SLOs: id, From: now.Format(minute), To: now.Add(time.Hour).Format(minute), Zone: "UTC"}
}

// correctionFormOf reads the form.
func correctionFormOf(q url.Values) correctionForm {
	text := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return correctionForm{
		Kind: slo.CorrectionKind(text("kind")), SLOs: text("slos"), Services: text("services"), Teams: text("teams"), Journeys: text("journeys"),
		From: text("from"), To: text("to"), Zone: text("timezone"), Rule: text("rrule"), Reason: text("reason"), Author: text("author"),
	}
}

// input is the form as the API would take it.
func (f *correctionForm) input() corrections.Input {
	return corrections.Input{
		Kind: f.Kind, SLOs: namesOf(f.SLOs), Services: namesOf(f.Services), Teams: namesOf(f.Teams), Journeys: namesOf(f.Journeys),
		From: f.From, To: f.To, Zone: f.Zone, Rule: f.Rule, Reason: f.Reason, Author: f.Author,
	}
}

// namesOf are names with commas between them.
func namesOf(text string) []string {
	var all []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// correctNow puts the correction of the form in force.
func (s *server) correctNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection)
	if err := c.Request.ParseForm(); err != nil {
		s.badBody(c, "The form can't be read.", err.Error(), err)
		return
	}
	m := correctionsModel{Form: correctionFormOf(c.Request.PostForm)}
	one, err := s.correctionOf(c, m.Form.input())
	if err == nil {
		ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
		defer cancel()
		err = s.Corrections.Add(ctx, one)
	}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/corrections#correction-"+url.PathEscape(one.ID))
	case errors.As(err, &m.Problems):
		s.showCorrections(c, http.StatusUnprocessableEntity, m)
	default:
		s.correctionFailed(c, err)
	}
}

// uncorrectNow puts a correction out of force.
func (s *server) uncorrectNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection)
	by := strings.TrimSpace(s.actorOr(c, c.PostForm("author")))
	err := corrections.CheckAuthor(by)
	if err == nil {
		ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
		defer cancel()
		err = s.Corrections.Remove(ctx, c.Param("id"), by)
	}
	m := correctionsModel{Form: newCorrection("", s.Now())}
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/corrections#correction-"+url.PathEscape(c.Param("id")))
	case errors.As(err, &m.Problems):
		s.showCorrections(c, http.StatusUnprocessableEntity, m)
	default:
		s.correctionFailed(c, err)
	}
}

// ofCorrectionForm are the teams of the SLOs that the correction of a form concerns, and those that it
// names.
func (s *server) ofCorrectionForm(c *gin.Context) ([]string, error) {
	q, err := peekForm(c, maxCorrection)
	if err != nil || q == nil {
		return nil, err
	}
	f := correctionFormOf(q)
	one, err := s.correctionOf(c, f.input())
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.ofCorrected(one), nil
}

// peekForm reads a form of at most so many bytes, and leaves it to be read again; nil where it can't be read,
// which the handler says.
func peekForm(c *gin.Context, most int64) (url.Values, error) {
	body, err := peek(c, most)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, nil
	}
	return q, nil
}
