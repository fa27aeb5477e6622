package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
	"burnline/slo/changes"
)

// incidentCase is an incident with all that is known around it, and what could not be read.
type incidentCase struct {
	reviews.Case
	def *slo.Definition
	// missing says in sentences what could not be read.
	missing []string
	// reviewError is why what people wrote is not there.
	reviewError error
}

// caseAsked reads the incident of the path with all that is known around it; false when it answered.
func (s *server) caseAsked(c *gin.Context) (*incidentCase, bool) {
	record, ok, err := s.Ledger.Incident(c.Request.Context(), c.Param("key"))
	switch {
	case err != nil:
		s.ledgerFailed(c, err)
		return nil, false
	case !ok:
		s.fail(c, http.StatusNotFound, "No incident has this key.", "The list of incidents shows every one that is recorded.")
		return nil, false
	}
	return s.caseOf(c.Request.Context(), record), true
}

// caseOf reads what is known around an incident. What can't be read is missing, and said to be: the
// rest is told all the same.
func (s *server) caseOf(ctx context.Context, r alerting.Record) *incidentCase {
	ctx, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	in := r.Incident
	k := &incidentCase{def: s.definition(in.SLO), Case: reviews.Case{Record: r, Now: s.Now()}}
	k.Evidence, _ = s.newestEvidence(r)
	if s.ExternalURL != "" {
		k.Address = strings.TrimRight(s.ExternalURL, "/") + incidentHref(in.Key)
	}
	lacks := func(what string, err error) {
		if err != nil {
			k.missing = append(k.missing, what+" can't be read at the moment: "+err.Error())
		}
	}
	if s.Reviews != nil {
		all, err := s.Reviews.Of(ctx, in.Key)
		k.Review, k.reviewError = all[in.Key], err
		lacks("What people wrote", err)
	}
	if s.Silences != nil {
		all, err := s.Silences.List(ctx)
		k.Silences = reviews.Muted(all, r, labelsOf(r, k.def), k.Now)
		lacks("Silences", err)
	}
	from, to := incidentRange(in, k.Now)
	if s.Changes != nil && k.def != nil {
		all, err := s.Changes.List(ctx, changes.Filter{Service: k.def.Service, Everybody: true, From: slo.Earliest(from, in.Started.Add(-time.Hour)), To: to, Limit: mostMarks})
		k.Changes = all
		lacks("Changes", err)
	}
	if s.Corrections != nil && k.def != nil {
		k.Corrections = s.Corrections.Of(in.SLO, in.Started, to)
	}
	if k.def != nil {
		k.Window = windowOf(k.def.Window)
		k.Spent = s.spent(in, k.Now)
	}
	return k
}

// labelsOf are the labels that silences see of an incident.
func labelsOf(r alerting.Record, d *slo.Definition) slo.Labels {
	if len(r.Newest.Labels) > 0 {
		return r.Newest.Labels
	}
	return alerting.Labels(r.Incident, d)
}

// spentPoints is into how many steps the time of an incident is cut to find what it took of the budget.
const spentPoints = 240

// spent is what an incident took of the budget of its first group; nil where that is not known.
func (s *server) spent(in slo.Incident, now time.Time) *reviews.Spent {
	end := in.Closed
	if end.IsZero() {
		end = now
	}
	lasted := end.Sub(in.Started)
	if lasted <= 0 || in.Cause == slo.CauseNoData {
		return nil
	}
	ch, err := s.Engine.Chart(in.SLO, in.Group, in.Started.Add(-lasted/2), end, spentPoints)
	if err != nil {
		return nil // a group that is gone has no counts
	}
	return reviews.SpentOf(ch, in.Started, end)
}
