package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/alerting/maintenance"
	"burnline/alerting/silences"
	"burnline/slo"
)

// maintainForm starts a maintenance of one SLO or its service now, by the form of a page, and leads
// back there.
func (s *server) maintainForm(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection)
	if err := c.Request.ParseForm(); err != nil {
		s.fail(c, http.StatusBadRequest, "The form can't be read.", err.Error())
		return
	}
	in := maintenanceOf(c.Request.PostForm)
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	_, err := s.Maintenance.Start(ctx, in.Request(s.Now()))
	var found slo.Problems
	var wide *silences.TooWide
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, backTo(c.PostForm("back"), "/corrections"))
	case errors.As(err, &found):
		s.fail(c, http.StatusUnprocessableEntity, "The maintenance can't be taken so; nothing was changed.", err.Error())
	case errors.As(err, &wide):
		s.fail(c, http.StatusConflict, "The maintenance is not in force: it has to be confirmed.", wide.Preview.Wide+". Go back, and confirm that it shall.")
	default:
		s.fail(c, http.StatusServiceUnavailable, "The maintenance can't be kept at the moment; it is not in force.", err.Error())
	}
}

// maintenanceOf reads the form.
func maintenanceOf(q url.Values) maintenance.Input {
	in := maintenance.Input{Title: q.Get("title"), For: q.Get("for"), By: q.Get("by"), Reason: q.Get("reason"), Confirmed: q.Get("confirmed") != ""}
	if service := q.Get("service"); service != "" {
		in.Services = []string{service}
	}
	if id := q.Get("slo"); id != "" {
		in.SLOs = []string{id}
	}
	return in
}

// ofMaintenanceForm are the teams of the SLOs that a maintenance of a form concerns.
func (s *server) ofMaintenanceForm(c *gin.Context) ([]string, error) {
	q, err := peekForm(c, maxCorrection)
	if err != nil || q == nil {
		return nil, err
	}
	return s.ofScope(c, maintenanceOf(q).Scope)
}

// backTo is a page of this server to go back to; another one where it is none.
func backTo(path, other string) string {
	if strings.HasPrefix(path, "/incidents/") || strings.HasPrefix(path, "/slo/") {
		if u, err := url.Parse(path); err == nil && u.Host == "" && u.Scheme == "" {
			return path
		}
	}
	return other
}
