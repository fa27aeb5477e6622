package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/reviews"
)

// WeekJSON is the review of a week with its name.
type WeekJSON struct {
	// Name is that of ISO 8601, such as 2026-W47.
	Name string `json:"week"`
	reviews.Week
	// Cut is true where there were more incidents than are looked at.
	Cut bool `json:"cut"`
}

// mostReviewed is how many incidents one review looks at.
const mostReviewed = 2000

// weekOf makes the review of the week that a request asks for, the one before this without a name;
// false when it answered.
func (s *server) weekOf(c *gin.Context) (out WeekJSON, night reviews.Night, ok bool) {
	night = s.Night()
	now := s.Now().In(zoneOf(night))
	name := c.Query("week")
	if name == "" {
		name = reviews.WeekOf(now.AddDate(0, 0, -7))
	}
	from, to, err := reviews.ParseWeek(name, zoneOf(night))
	if err != nil {
		s.fail(c, http.StatusBadRequest, "There is no such week.", err.Error())
		return out, night, false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*readTimeout)
	defer cancel()
	told, cut, err := s.told(ctx, from.AddDate(0, 0, -1), to)
	if err == nil {
		in := reviews.WeekInput{From: from, To: to, Now: s.Now(), Incidents: told, Night: night, Zones: reviews.ZonesOf(s.teams())}
		if in.Actions, err = s.Reviews.OpenActions(ctx, mostActions); err == nil {
			return WeekJSON{Name: name, Week: in.Review(), Cut: cut}, night, true
		}
	}
	s.fail(c, http.StatusServiceUnavailable, "Incidents can't be reviewed at the moment.", err.Error())
	return out, night, false
}

// zoneOf is by whose clock weeks begin.
func zoneOf(n reviews.Night) *time.Location {
	if n.Zone == nil {
		return time.UTC
	}
	return n.Zone
}

// told reads the incidents that were open at some moment of a time, with what people wrote of them; cut
// says that there are more than are looked at, of which the newest were.
func (s *server) told(ctx context.Context, from, to time.Time) (all []reviews.Told, cut bool, _ error) {
	records, err := s.Ledger.Incidents(ctx, alerting.Filter{From: from, To: to, Limit: mostReviewed + 1})
	if err != nil {
		return nil, false, err
	}
	if cut = len(records) > mostReviewed; cut {
		records = records[:mostReviewed]
	}
	keys := make([]string, len(records))
	for i, r := range records {
		keys[i] = r.Incident.Key
	}
	written, err := s.Reviews.Of(ctx, keys...)
	if err != nil {
		return nil, false, err
	}
	for _, r := range records {
		all = append(all, reviews.Told{Record: r, Review: written[r.Incident.Key]})
	}
	return all, cut, nil
}

// apiWeek returns the review of a week.
func (s *server) apiWeek(c *gin.Context) {
	if w, _, ok := s.weekOf(c); ok {
		c.JSON(http.StatusOK, w)
	}
}

// weekModel is the model of the review of a week.
type weekModel struct {
	WeekJSON
	Sentence string
	// NightText is when it is night, such as 22:00-07:00 UTC.
	NightText string
	// EarlierHref and LaterHref lead to the weeks beside it; LaterHref is "" for the one that runs.
	EarlierHref, LaterHref string
	// Running says that the week is not over.
	Running bool
	Late    []actionRow
}

// Judged are the pages that people judged to be noise.
func (m weekModel) Judged() []reviews.Page {
	return m.only(func(p reviews.Page) bool { return p.Verdict == reviews.Noise })
}

// Nightly are the pages that came at night.
func (m weekModel) Nightly() []reviews.Page {
	return m.only(func(p reviews.Page) bool { return p.Night })
}

// Bare are the pages that named no runbook.
func (m weekModel) Bare() []reviews.Page { return m.only(func(p reviews.Page) bool { return p.Bare }) }

// Unjudged are the pages of which nobody said whether they were useful.
func (m weekModel) Unjudged() []reviews.Page {
	return m.only(func(p reviews.Page) bool { return p.Verdict == "" })
}

func (m weekModel) only(is func(reviews.Page) bool) (some []reviews.Page) {
	for _, p := range m.Pages {
		if is(p) {
			some = append(some, p)
		}
	}
	return some
}

// weekPage shows the review of a week.
func (s *server) weekPage(c *gin.Context) {
	w, night, ok := s.weekOf(c)
	if !ok {
		return
	}
	href := func(at time.Time) string { return address("/review", url.Values{"week": {reviews.WeekOf(at)}}) }
	m := weekModel{WeekJSON: w, NightText: night.String() + " " + zoneOf(night).String(), EarlierHref: href(w.From.AddDate(0, 0, -7)),
		Running: w.To.After(s.Now()), Late: actionRows(w.Overdue, s.Now())}
	if !m.Running {
		m.LaterHref = href(w.To)
	}
	m.Sentence = weekSentence(w, m.Running)
	s.show(c, http.StatusOK, "week", "Review of "+w.Name, "incidents", m)
}

// weekSentence says in a sentence how the week went.
func weekSentence(w WeekJSON, running bool) string {
	when := "In this week"
	if running {
		when = "So far this week"
	}
	if w.Sums.Pages == 0 {
		return when + " nobody was paged."
	}
	said := fmt.Sprintf("%s people were sent %s", when, plural(w.Sums.Pages, "page", "pages"))
	for _, part := range []struct {
		n    int
		what string
	}{{w.Sums.Night, "at night"}, {w.Sums.Noise, "judged noise"}, {w.Sums.Alone, "recovered before anybody took it"}} {
		if part.n > 0 {
			said += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return said + "."
}
