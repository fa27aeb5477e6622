package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

// silenceRow is one silence as the page shows it.
type silenceRow struct {
	alerting.Silence
	State alerting.SilenceState
	// Actor is who is signed in; "" where nobody signs in.
	Actor string
}

// Texts are the matchers as people enter them.
func (r silenceRow) Texts() []string { return matcherTexts(r.Silence) }

// silenceSection is a part of the list with its heading.
type silenceSection struct {
	Key, Title, Hint string
	Rows             []silenceRow
}

// silenceForm is what stands in the form.
type silenceForm struct {
	Matchers, For, Author, Reason, Ceiling string
	UntilResolved, Confirmed               bool
}

// Lengths are what the form offers: those that the limits let pass, and the longest.
func (m silencesModel) Lengths() []string {
	const day = 24 * time.Hour
	var all []string
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, day, 2 * day, 4 * day, 7 * day, 14 * day, 30 * day} {
		if d < m.Limits.MaxDuration {
			all = append(all, slo.FormatDuration(d))
		}
	}
	return append(all, m.Limits.Length())
}

// silencesModel is the model of the page of silences.
type silencesModel struct {
	Sentence string
	Form     silenceForm
	// Preview is what the matchers of the form would mute; nil without any.
	Preview *silences.Preview
	// Unclear says why there is no preview; "" where there is one, or no matcher.
	Unclear string
	// Problems are what was wrong with what was sent; Wide says that it has to be confirmed.
	Problems slo.Problems
	Wide     string
	Sections []silenceSection
	// Limits are those in force.
	Limits silences.Limits
	// Actor is who is signed in; "" where nobody signs in.
	Actor string
}

// silencesPage lists silences, and offers a new one with a preview of what it would mute.
func (s *server) silencesPage(c *gin.Context) {
	q := c.Request.URL.Query()
	if len(c.Request.URL.RawQuery) > maxSilence {
		s.fail(c, http.StatusRequestURITooLong, "The address is too long.", "")
		return
	}
	s.showSilences(c, http.StatusOK, silencesModel{Form: formOf(q)})
}

// formOf reads the form.
func formOf(q url.Values) silenceForm {
	f := silenceForm{
		Matchers: q.Get("matchers"), For: firstOf(q.Get("for"), "2h"), Author: q.Get("author"), Reason: q.Get("reason"), Ceiling: q.Get("ceiling"),
		UntilResolved: q.Get("until_resolved") != "", Confirmed: q.Get("confirmed") != "",
	}
	return f
}

// input is the form as the API would take it.
func (f *silenceForm) input() (silences.Input, slo.Problems) {
	in := silences.Input{Matchers: linesOf(f.Matchers), For: f.For, Author: f.Author, Reason: f.Reason, UntilResolved: f.UntilResolved, Confirmed: f.Confirmed}
	var found slo.Problems
	if text := strings.TrimSpace(f.Ceiling); text != "" {
		ceiling, err := strconv.ParseFloat(text, 64)
		if err != nil {
			found.Add("ceiling", "write a burn rate such as 100, 0 for none, or nothing", "%.100q is no number", text)
		}
		in.Ceiling = &ceiling
	}
	return in, found
}

// linesOf returns the lines that are not blank.
func linesOf(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// showSilences shows the page with the form as it is in the model.
func (s *server) showSilences(c *gin.Context, status int, m silencesModel) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	m.Limits, m.Actor = s.SilenceLimits(), s.actor(c)
	all, err := s.Silences.List(ctx)
	if err == nil {
		err = s.previewForm(ctx, &m)
	}
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Silences can't be read at the moment.", err.Error())
		return
	}
	now := s.Now()
	sections := map[alerting.SilenceState]*silenceSection{
		alerting.SilenceActive:  {Key: "active", Title: "Active", Hint: "these messages are held back"},
		alerting.SilencePending: {Key: "pending", Title: "To come"},
		alerting.SilenceExpired: {Key: "expired", Title: "Over", Hint: "within 30 days, kept as a record"},
	}
	for _, one := range all {
		sec := sections[one.State(now)]
		sec.Rows = append(sec.Rows, silenceRow{one, one.State(now), s.actor(c)})
	}
	for _, state := range []alerting.SilenceState{alerting.SilenceActive, alerting.SilencePending, alerting.SilenceExpired} {
		if sec := sections[state]; len(sec.Rows) > 0 {
			m.Sections = append(m.Sections, *sec)
		}
	}
	m.Sentence = silencesSentence(sections[alerting.SilenceActive].Rows, sections[alerting.SilencePending].Rows, now)
	s.show(c, status, "silences", "Silences", "silences", m)
}

// previewForm says what the matchers of the form would mute.
func (s *server) previewForm(ctx context.Context, m *silencesModel) error {
	lines := linesOf(m.Form.Matchers)
	if len(lines) == 0 {
		return nil
	}
	in := silences.Input{Matchers: lines}
	r, err := in.Request(s.Now())
	if err == nil {
		var p silences.Preview
		if p, err = s.Silences.Preview(ctx, r); err == nil {
			m.Preview = &p
			return nil
		}
	}
	var found slo.Problems
	if errors.As(err, &found) {
		m.Unclear = found.Error()
		return nil
	}
	return err
}

// silencesSentence says what is held back now.
func silencesSentence(active, pending []silenceRow, now time.Time) string {
	switch {
	case len(active) == 1:
		return "1 silence holds messages back, for another " + span(active[0].EndsAt.Sub(now)) + ": " + active[0].Reason + "."
	case len(active) > 1:
		return fmt.Sprintf("%d silences hold messages back; the first ends in %s.", len(active), span(active[0].EndsAt.Sub(now)))
	case len(pending) > 0:
		return "No silence is active; the next begins in " + span(pending[0].StartsAt.Sub(now)) + "."
	}
	return "No silence is active: everything is told."
}

// silenceNow puts the silence of the form in force.
func (s *server) silenceNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSilence)
	if err := c.Request.ParseForm(); err != nil {
		s.badBody(c, "The form can't be read.", err.Error(), err)
		return
	}
	m := silencesModel{Form: formOf(c.Request.PostForm)}
	m.Form.Author = s.actorOr(c, m.Form.Author)
	in, found := m.Form.input()
	r, err := in.Request(s.Now())
	var more slo.Problems
	if errors.As(err, &more) {
		found = append(found, more...)
	}
	if len(found) > 0 {
		m.Problems = found
		s.showSilences(c, http.StatusUnprocessableEntity, m)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	one, err := s.Silences.Put(ctx, r)
	var wide *silences.TooWide
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, backTo(c.PostForm("back"), "/silences#silence-"+url.PathEscape(one.ID)))
	case errors.As(err, &m.Problems):
		s.showSilences(c, http.StatusUnprocessableEntity, m)
	case errors.As(err, &wide):
		m.Wide = wide.Preview.Wide
		s.showSilences(c, http.StatusConflict, m)
	default:
		s.fail(c, http.StatusServiceUnavailable, "The silence can't be kept at the moment; it is not in force.", err.Error())
	}
}

// unsilenceNow ends a silence.
func (s *server) unsilenceNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxSilence)
	by := strings.TrimSpace(s.actorOr(c, c.PostForm("author")))
	var found slo.Problems
	if found.Text("author", "write who ends it", by); len(found) > 0 {
		s.showSilences(c, http.StatusUnprocessableEntity, silencesModel{Form: formOf(nil), Problems: found})
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	_, err := s.Silences.Expire(ctx, c.Param("id"), by)
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/silences#silence-"+url.PathEscape(c.Param("id")))
	case errors.Is(err, silences.ErrUnknown):
		s.fail(c, http.StatusNotFound, "No silence has this ID.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "The silence can't be ended at the moment; it is still in force.", err.Error())
	}
}

// silenceMatchers are matchers for one incident, one a line.
func silenceMatchers(in slo.Incident, labels slo.Labels) string {
	var lines []string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+"="+strconv.Quote(value))
		}
	}
	if in.Cause == slo.CauseAlert {
		add("alertname", labels.Get("alertname"))
	} else {
		add("slo", in.SLO)
	}
	for _, l := range in.Group {
		if l.Name != "alertname" {
			add(l.Name, l.Value)
		}
	}
	return strings.Join(lines, "\n")
}
