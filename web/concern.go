package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/alerting/maintenance"
	"burnline/alerting/silences"
	"burnline/internal/auth"
	"burnline/slo"
	"burnline/slo/corrections"
	"burnline/web/amapi"
)

// actor is the name of who asks; "" where sign-in is off.
func (s *server) actor(c *gin.Context) string { return auth.From(c.Request.Context()).Name }

// actorOr is the name of who asks, or where sign-in is off the one that was written.
func (s *server) actorOr(c *gin.Context, written string) string { return firstOf(s.actor(c), written) }

// ofIncident is the team of the incident whose key the path has. One that several teams have is
// any one's of them to act on.
func (s *server) ofIncident(c *gin.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	record, found, err := s.Ledger.Incident(ctx, c.Param("key"))
	if err != nil || !found {
		return nil, err
	}
	return s.anyOf(c, s.teamsOf(record.Incident)), nil
}

// teamsOf are the teams of an incident.
func (s *server) teamsOf(in slo.Incident) []string {
	if in.Team != "" || len(in.SLOs) == 0 {
		return []string{in.Team}
	}
	var teams []string
	for _, id := range in.SLOs {
		if d := s.definition(id); d != nil {
			teams = append(teams, d.Team)
		}
	}
	return teams
}

// anyOf narrows teams to one of the asker's own, where one is.
func (s *server) anyOf(c *gin.Context, teams []string) []string {
	who := auth.From(c.Request.Context())
	if i := slices.IndexFunc(teams, who.Has); i >= 0 {
		return teams[i : i+1]
	}
	return teams
}

// ofSilenceBody are the teams of what a silence in the body would mute, and of what the one in
// whose place it comes does.
func (s *server) ofSilenceBody(c *gin.Context) ([]string, error) {
	body, err := peek(c, maxSilence)
	if err != nil {
		return nil, err
	}
	in, err := silences.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.ofSilenceInput(c, in)
}

// ofSilenceForm is ofSilenceBody for a page's form.
func (s *server) ofSilenceForm(c *gin.Context) ([]string, error) {
	q, err := peekForm(c, maxSilence)
	if err != nil || q == nil {
		return nil, err
	}
	return s.ofSilenceInput(c, silences.Input{Matchers: linesOf(q.Get("matchers"))})
}

func (s *server) ofSilenceInput(c *gin.Context, in silences.Input) ([]string, error) {
	var all labels.Matchers
	for _, text := range in.Matchers {
		m, err := silences.ParseMatcher(text)
		if err != nil {
			return nil, nil // the handler says what is wrong with it
		}
		all = append(all, m)
	}
	return s.ofSilenceIn(c, in.ID, all)
}

// ofSilenceIn are the teams of what matchers mute, and of what the silence mutes in whose place
// they come; "" is none.
func (s *server) ofSilenceIn(c *gin.Context, id string, all labels.Matchers) ([]string, error) {
	teams, err := s.ofMatchers(c, all)
	if err != nil || id == "" {
		return teams, err
	}
	more, err := s.ofSilenceID(c, id)
	return append(teams, more...), err
}

// ofSilence are the teams of what the silence of the path mutes.
func (s *server) ofSilence(c *gin.Context) ([]string, error) {
	return s.ofSilenceID(c, c.Param("id"))
}

func (s *server) ofSilenceID(c *gin.Context, id string) ([]string, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	one, err := s.Silences.Silence(ctx, id)
	switch {
	case errors.Is(err, silences.ErrUnknown):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return s.ofMatchers(c, one.Matchers)
}

// ofMatchers are the teams of the SLOs and open incidents that matchers match now, and those that
// they name. Matchers that match neither concern nobody yet.
func (s *server) ofMatchers(c *gin.Context, all labels.Matchers) ([]string, error) {
	if len(all) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	p, err := s.Silences.Preview(ctx, silences.Request{Matchers: all})
	var found slo.Problems
	switch {
	case errors.As(err, &found):
		return nil, nil // the handler says what is wrong with it
	case err != nil:
		return nil, err
	}
	var teams []string
	for _, m := range p.SLOs {
		teams = append(teams, m.Team)
	}
	for _, m := range p.Open {
		teams = append(teams, m.Team)
	}
	for _, m := range all {
		switch {
		case m.Name != "team":
		case m.Type == labels.MatchEqual:
			teams = append(teams, m.Value)
		case m.Type == labels.MatchRegexp: // of the teams that there are; alerts from outside may be theirs tomorrow
			for _, team := range s.knownTeams() {
				if team != "" && m.Matches(team) {
					teams = append(teams, team)
				}
			}
		}
	}
	return teams, nil
}

// knownTeams are those of SLOs and of the catalog, some more than once.
func (s *server) knownTeams() (names []string) {
	for _, d := range s.Engine.Definitions() {
		names = append(names, d.Team)
	}
	if s.Teams != nil {
		for _, t := range s.Teams.Teams() {
			names = append(names, t.Name)
		}
	}
	return names
}

// ofCorrectionBody are the teams of the SLOs that a correction in the body concerns, and those
// that it names.
func (s *server) ofCorrectionBody(c *gin.Context) ([]string, error) {
	body, err := peek(c, maxCorrection)
	if err != nil {
		return nil, err
	}
	in, err := corrections.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	one, err := s.correctionOf(c, in)
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.ofCorrected(one), nil
}

func (s *server) ofCorrected(one slo.Correction) []string {
	teams := slices.Clone(one.Teams)
	for _, d := range s.Engine.Definitions() {
		if one.Applies(d) {
			teams = append(teams, d.Team)
		}
	}
	return teams
}

// ofCorrection are the teams that the correction of the path concerns.
func (s *server) ofCorrection(c *gin.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	inForce, _, err := s.Corrections.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range inForce {
		if one.ID == c.Param("id") {
			return s.ofCorrected(one), nil
		}
	}
	return nil, nil
}

// ofMaintenanceBody are the teams of what planned work in the body concerns, and those that it names.
func (s *server) ofMaintenanceBody(c *gin.Context) ([]string, error) {
	body, err := peek(c, maxCorrection)
	if err != nil {
		return nil, err
	}
	in, err := maintenance.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.ofScope(c, in.Scope)
}

// ofScope are the teams of the SLOs that planned work concerns, those that it names, and those of
// what its silence mutes beside that.
func (s *server) ofScope(c *gin.Context, scope alerting.Scope) ([]string, error) {
	teams := slices.Clone(scope.Teams)
	for _, d := range s.Engine.Definitions() {
		if scope.Concerns(d) {
			teams = append(teams, d.Team)
		}
	}
	if s.Silences == nil {
		return teams, nil
	}
	more, err := s.ofMatchers(c, maintenance.Matchers(scope))
	return append(teams, more...), err
}

// ofMaintenance are the teams that the planned work of the path concerns.
func (s *server) ofMaintenance(c *gin.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Maintenance.List(ctx, s.Now().Add(-listedMaintenance))
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.ID == c.Param("id") {
			return s.ofScope(c, m.Scope)
		}
	}
	return nil, nil
}

// peek reads a body of at most so many bytes, and leaves it to be read again.
func peek(c *gin.Context, most int64) ([]byte, error) {
	if c.Request.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if int64(len(body)) > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// amSilencePath is where the Alertmanager API has one silence.
const amSilencePath = "/alertmanager/api/v2/silence/"

// ofAlertmanager are the teams of a silence that is posted to, or ended by, the Alertmanager API.
func (s *server) ofAlertmanager(c *gin.Context) ([]string, error) {
	if s.Silences == nil {
		return nil, nil
	}
	if c.Request.Method == http.MethodDelete {
		return s.ofSilenceID(c, strings.TrimPrefix(c.Request.URL.Path, amSilencePath))
	}
	body, err := peek(c, maxSilence)
	if err != nil {
		return nil, err
	}
	wanted, err := amapi.Wanted(bytes.NewReader(body))
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.ofSilenceIn(c, wanted.ID, wanted.Matchers)
}
