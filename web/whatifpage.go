package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/slo"
	"burnline/slo/spec"
)

// whatIfForm is what the form of other policies is filled with.
type whatIfForm struct {
	// Action is where it is sent to; "" where nobody replays.
	Action string
	// Objective and Policies are as SLO files write them.
	Objective, Policies string
	Days                int
	// Choices are how many days may be asked for.
	Choices []int
}

// whatIfModel is the model of the page that compares policies.
type whatIfModel struct {
	row
	Form     whatIfForm
	Sentence string
	// Back is the SLO's page.
	Back string
	// Wrong is all that is wrong with what was entered, and Notes what is said of it.
	Wrong, Notes []slo.Problem
	// Failed says why there is no answer; "" where there is one, or nothing was asked.
	Failed string
	// Answer is nil before something was asked.
	Answer *whatIfJSON
	Sides  []whatIfSide
	Strip  whatIfStrip
}

// whatIfSide is one of the three that are compared.
type whatIfSide struct {
	Title, Note string
	livedJSON
}

// formOf fills the form with a definition as it is.
func (s *server) formOf(d *slo.Definition) whatIfForm {
	if s.WhatIf == nil || len(d.Policies) == 0 {
		return whatIfForm{}
	}
	return whatIfForm{Action: "/whatif/" + escapedID(d.ID), Objective: trimmed(d.Objective, 6), Policies: spec.Policies(d), Days: usualReplayed, Choices: []int{1, 3, 7, 14, 30}}
}

// whatIfPage shows the form, and where something is asked what it would have told. It changes
// nothing, and its address may be given to others.
func (s *server) whatIfPage(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	d := s.definition(id)
	if d == nil {
		s.fail(c, http.StatusNotFound, "No SLO has the ID "+id+".", "It may have been renamed or its file removed.")
		return
	}
	m := whatIfModel{row: row{Def: d, Status: slo.Status{ID: id}}, Form: s.formOf(d), Back: sloHref(id, nil)}
	m.Sentence = "What would other policies of " + id + " have told?"
	status := http.StatusOK
	if c.Query("days") != "" {
		status = s.fillWhatIf(c, &m)
	}
	s.show(c, status, "whatif", "What if: "+id, "slos", m)
}

// fillWhatIf answers what the address asks, and returns the status of the answer.
func (s *server) fillWhatIf(c *gin.Context, m *whatIfModel) int {
	days, err := daysOf(c.Query("days"))
	if err != nil {
		days = usualReplayed
	}
	m.Form.Objective, m.Form.Policies, m.Form.Days = firstOf(c.Query("objective"), m.Form.Objective), firstOf(c.Query("policies"), m.Form.Policies), days
	changed, findings := spec.Change(*m.Def, m.Form.Objective, m.Form.Policies)
	if m.Wrong = problemsOf(findings.Errors()); len(m.Wrong) > 0 {
		m.Sentence = "The SLO can't be changed so; nothing was replayed."
		return http.StatusUnprocessableEntity
	}
	m.Notes = problemsOf(findings)
	out, err := s.whatIf(c, changed, days)
	switch {
	case errors.Is(err, ErrBusy):
		m.Failed = "Another comparison is under way: one runs at a time, for at most 25 s. Ask again."
		return http.StatusTooManyRequests
	case err != nil:
		m.Failed = "The past can't be replayed: " + whyNot(err)
		return http.StatusServiceUnavailable
	}
	m.Answer = &out
	m.Sides = []whatIfSide{
		{"Changed", "what these would have told", out.Changed},
		{"As it is", "what the definition of now would have told", out.Now},
		{"Told", "what was opened then by the definitions of then, silenced or not", out.Told},
	}
	m.Strip = whatIfStripOf(m.Sides, out.From, out.To)
	m.Sentence = whatIfSentence(out, days)
	return http.StatusOK
}

// whatIfSentence says what the change would have made of the pages.
func whatIfSentence(a whatIfJSON, days int) string {
	tell := func(l livedJSON) string {
		return plural(l.Pages, "page", "pages") + " and " + plural(l.Tickets, "ticket", "tickets")
	}
	text := fmt.Sprintf("In the last %s these would have told %s", plural(days, "day", "days"), tell(a.Changed))
	if a.Changed.Pages == a.Now.Pages && a.Changed.Tickets == a.Now.Tickets {
		return text + ", as many as the definition of now."
	}
	return text + "; the definition of now tells " + tell(a.Now) + "."
}
