package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
	"burnline/slo/corrections"
)

// correctionRow is one correction as tables show it.
type correctionRow struct {
	slo.Correction
	// Now is true while it takes time out.
	Now bool
	// Next is the interval of now or the next one; nil where none comes within a year.
	Next *slo.Interval
	// Last is the newest interval that is over, of the last year; nil where there is none.
	Last *slo.Interval
	// Concerned are how many SLOs it concerns.
	Concerned int
	// Ends says that it can be removed where it is shown; Actor is who is signed in, "" where nobody signs in.
	Ends  bool
	Actor string
}

// Upcoming reports whether it will take time out, and does not yet.
func (r correctionRow) Upcoming() bool { return r.Next != nil && !r.Now }

// Origin is the place in a file, or API.
func (r correctionRow) Origin() string {
	if r.Source.File == "" {
		return "API"
	}
	return r.Source.String()
}

// Whom names what it concerns as it was written.
func (r correctionRow) Whom() string {
	var parts []string
	for _, p := range []struct {
		name string
		all  []string
	}{{"SLO", r.SLOs}, {"service", r.Services}, {"team", r.Teams}, {"journey", r.Journeys}} {
		if len(p.all) > 0 {
			parts = append(parts, p.name+" "+strings.Join(p.all, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// Shown is the interval that tells most: that of now or the next, else the last.
func (r correctionRow) Shown() slo.Interval {
	switch {
	case r.Next != nil:
		return *r.Next
	case r.Last != nil:
		return *r.Last
	}
	return slo.Interval{From: r.From, To: r.To}
}

// correctionsModel is the model of the list of corrections.
type correctionsModel struct {
	Sentence string
	Sections []correctionSection
	Removed  []correctionRow
	Form     correctionForm
	// Problems are what was wrong with what was sent, of which nothing was done.
	Problems slo.Problems
	// Actor is who is signed in; "" where nobody signs in.
	Actor string
}

// correctionSection is a part of the list with its heading.
type correctionSection struct {
	Key, Title, Hint string
	Rows             []correctionRow
}

func (s *server) correctionRow(one slo.Correction) correctionRow {
	r := correctionRow{Correction: one}
	now := s.Now()
	for _, d := range s.Engine.Definitions() {
		if one.Applies(d) {
			r.Concerned++
		}
	}
	if next := one.Between(now, now.AddDate(1, 0, 0)); len(next) > 0 && one.Removed.IsZero() {
		r.Next = &next[0]
		r.Now = !next[0].From.After(now)
	}
	for _, past := range one.Between(now.AddDate(-1, 0, 0), now) {
		if !past.To.After(now) {
			r.Last = &past
		}
	}
	return r
}

// correctionsPage lists every correction: what takes time out now, will, and did, and offers a new one.
func (s *server) correctionsPage(c *gin.Context) {
	s.showCorrections(c, http.StatusOK, correctionsModel{Form: newCorrection(c.Query("slo"), s.Now())})
}

// showCorrections shows the page with the form as it is in the model.
func (s *server) showCorrections(c *gin.Context, status int, m correctionsModel) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	inForce, removed, err := s.Corrections.List(ctx)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Corrections can't be read at the moment.", err.Error())
		return
	}
	active := correctionSection{Key: "active", Title: "Active", Hint: "this time does not count"}
	upcoming := correctionSection{Key: "upcoming", Title: "Upcoming", Hint: "within a year"}
	past := correctionSection{Key: "past", Title: "Past", Hint: "that time still does not count"}
	m.Actor = s.actor(c)
	for _, one := range inForce {
		r := s.correctionRow(one)
		r.Ends, r.Actor = one.Source.File == "", m.Actor
		switch {
		case r.Now:
			active.Rows = append(active.Rows, r)
		case r.Upcoming():
			upcoming.Rows = append(upcoming.Rows, r)
		default:
			past.Rows = append(past.Rows, r)
		}
	}
	sortCorrections(active.Rows, 1)
	sortCorrections(upcoming.Rows, 1)
	sortCorrections(past.Rows, -1)
	m.Sentence = correctionsSentence(active.Rows, upcoming.Rows, s.Now())
	for _, sec := range []correctionSection{active, upcoming, past} {
		if len(sec.Rows) > 0 {
			m.Sections = append(m.Sections, sec)
		}
	}
	for _, one := range removed {
		m.Removed = append(m.Removed, s.correctionRow(one))
	}
	slices.SortStableFunc(m.Removed, func(a, b correctionRow) int { return b.Removed.Compare(a.Removed) })
	s.show(c, status, "corrections", "Corrections", "corrections", m)
}

// sortCorrections orders by time; way is 1 for the earliest first, -1 for the latest.
func sortCorrections(rows []correctionRow, way int) {
	slices.SortStableFunc(rows, func(a, b correctionRow) int { return way * a.Shown().From.Compare(b.Shown().From) })
}

// correctionsSentence says what takes time out now. A correction that concerns no SLO, as after
// a slip in a name, takes nothing out.
func correctionsSentence(active, upcoming []correctionRow, now time.Time) string {
	var idle int
	var take []correctionRow
	for _, row := range active {
		if row.Concerned == 0 {
			idle++
			continue
		}
		take = append(take, row)
	}
	none := ""
	if idle > 0 {
		none = " " + plural(idle, "active one concerns", "active ones concern") + " no SLO that there is."
	}
	switch {
	case len(take) == 1:
		return "1 correction takes time out of error budgets now: " + take[0].Reason + "." + none
	case len(take) > 1:
		return fmt.Sprintf("%d corrections take time out of error budgets now.", len(take)) + none
	case idle > 0:
		return "No correction takes time out of error budgets now." + none
	case len(upcoming) > 0:
		return "No correction is active; the next begins in " + span(upcoming[0].Shown().From.Sub(now)) + "."
	}
	return "No correction is active, and none is coming."
}

// correctionsOf lists the corrections that concern one SLO: active ones first, then those to
// come, then those that are over.
func (s *server) correctionsOf(ctx context.Context, d *slo.Definition) ([]correctionRow, error) {
	if s.Corrections == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	inForce, _, err := s.Corrections.List(ctx)
	if err != nil {
		return nil, err
	}
	var some []correctionRow
	for _, one := range inForce {
		if one.Applies(d) {
			some = append(some, s.correctionRow(one))
		}
	}
	slices.SortStableFunc(some, func(a, b correctionRow) int {
		if a.rank() != b.rank() {
			return a.rank() - b.rank()
		}
		way := 1
		if a.Next == nil {
			way = -1
		}
		return way * a.Shown().From.Compare(b.Shown().From)
	})
	return some, nil
}

func (r correctionRow) rank() int {
	switch {
	case r.Now:
		return 0
	case r.Next != nil:
		return 1
	}
	return 2
}

// heldRow is a correction that holds alerts back, with who entered it.
type heldRow struct {
	slo.Held
	Author string
}

// heldOf names the author of what holds alerts back, where that is known.
func heldOf(held []slo.Held, known []correctionRow) []heldRow {
	var out []heldRow
	for _, h := range held {
		r := heldRow{Held: h}
		for _, c := range known {
			if c.ID == h.ID {
				r.Author = c.Author
			}
		}
		out = append(out, r)
	}
	return out
}

// correctionRoutes are the page and the API of corrections; none where there are none.
func (s *server) correctionRoutes() []route {
	if s.Corrections == nil {
		return nil
	}
	const path = "/api/v1/corrections"
	return []route{
		view("/corrections", s.correctionsPage),
		form("/corrections", toChange, s.correctNow).does("correct budgets", s.ofCorrectionForm),
		form("/corrections/:id/remove", toChange, s.uncorrectNow).does("remove a correction", s.ofCorrection),
		api(http.MethodGet, path, toShow, s.apiCorrections, operation{summary: "Corrections: what takes time out of budgets", answer: correctionsJSON{},
			query: map[string]string{"removed": "list those that were removed as well"}, kinds: params{"removed": yesNo()}, also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodPost, path, toChange, s.apiCorrect, operation{summary: "Enter a correction; budgets are counted anew, also for the past", body: corrections.Input{}, answer: correctionJSON{}, made: http.StatusCreated,
			also: map[int]string{http.StatusCreated: "It is in force", http.StatusConflict: "Another correction has the ID, or had it", http.StatusUnprocessableEntity: "All that is wrong with it",
				http.StatusServiceUnavailable: storeAway}}).does("correct budgets", s.ofCorrectionBody),
		api(http.MethodDelete, path+"/:id", toChange, s.apiUncorrect, operation{summary: "Remove a correction that was entered; who did it is kept", answer: uncorrectedJSON{},
			query: map[string]string{"author": "who removes it"}, needs: []string{"author"}, also: map[int]string{http.StatusNotFound: "No correction in force has the ID",
				http.StatusConflict: "It stands in a file", http.StatusUnprocessableEntity: "It is not said who removes it", http.StatusServiceUnavailable: storeAway}}).does("remove a correction", s.ofCorrection),
	}
}
