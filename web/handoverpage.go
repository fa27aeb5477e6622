package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/reviews"
)

// HandoverJSON is the hand-over of a shift, also as text.
type HandoverJSON struct {
	reviews.Shift
	Markdown string `json:"markdown"`
	// Missing says what could not be read.
	Missing []string `json:"missing"`
}

const (
	// shiftLength is how long a shift is where nothing else is said, and mostShift how long one may be.
	shiftLength = 12 * time.Hour
	mostShift   = 31 * 24 * time.Hour
)

// shiftAsked reads which shift a request asks for; false when it answered.
func (s *server) shiftAsked(c *gin.Context) (from, to time.Time, ok bool) {
	to = s.Now().UTC()
	for _, part := range []struct {
		name string
		at   *time.Time
	}{{"to", &to}, {"from", &from}} {
		text := c.Query(part.name)
		if text == "" {
			continue
		}
		at, ok := parseTime(text)
		if !ok {
			at, ok = parseMinute(text)
		}
		if !ok {
			s.fail(c, http.StatusBadRequest, part.name+" is Unix seconds or RFC 3339.", text)
			return from, to, false
		}
		*part.at = at
	}
	if from.IsZero() {
		from = to.Add(-shiftLength)
	}
	if !from.Before(to) || to.Sub(from) > mostShift {
		s.fail(c, http.StatusBadRequest, "A shift begins before it ends, and is no longer than 31 days.", c.Request.URL.RawQuery)
		return from, to, false
	}
	return from, to, true
}

// minuteForm is how browsers write moments of a form; they are in UTC.
const minuteForm = "2006-01-02T15:04"

func parseMinute(text string) (time.Time, bool) {
	t, err := time.Parse(minuteForm, text)
	return t, err == nil
}

// handover makes the hand-over that a request asks for; false when it answered.
func (s *server) handover(c *gin.Context) (out HandoverJSON, ok bool) {
	from, to, ok := s.shiftAsked(c)
	if !ok {
		return out, false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*readTimeout)
	defer cancel()
	in := reviews.ShiftInput{From: from, To: to, Now: s.Now().UTC(), Statuses: s.Engine.Statuses()}
	out.Missing = []string{}
	lacks := func(what string, err error) {
		if err != nil {
			out.Missing = append(out.Missing, what+" can't be read at the moment: "+err.Error())
		}
	}
	var err error
	if in.Incidents, err = s.openAndPast(ctx, from, to); err != nil {
		s.ledgerFailed(c, err)
		return out, false
	}
	in.Actions, err = s.Reviews.OpenActions(ctx, mostActions)
	lacks("Open actions", err)
	if s.Silences != nil {
		in.Silences, err = s.Silences.List(ctx)
		lacks("Silences", err)
	}
	if s.Corrections != nil {
		in.Corrections, _, err = s.Corrections.List(ctx)
		lacks("Corrections", err)
	}
	out.Shift = in.HandOver()
	out.Markdown = out.Shift.Markdown()
	return out, true
}

// openAndPast are the incidents of a shift, and what is open now.
func (s *server) openAndPast(ctx context.Context, from, to time.Time) ([]reviews.Told, error) {
	all, _, err := s.told(ctx, from, to)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, one := range all {
		known[one.Record.Incident.Key] = true
	}
	records, err := s.Ledger.Incidents(ctx, alerting.Filter{OnlyOpen: true, Limit: mostReviewed})
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if !known[r.Incident.Key] {
			all = append(all, reviews.Told{Record: r})
		}
	}
	return all, nil
}

// apiHandover returns the hand-over.
func (s *server) apiHandover(c *gin.Context) {
	if h, ok := s.handover(c); ok {
		c.JSON(http.StatusOK, h)
	}
}

// handoverFile returns the hand-over as Markdown.
func (s *server) handoverFile(c *gin.Context) {
	if h, ok := s.handover(c); ok {
		s.markdown(c, "handover-"+h.To.UTC().Format("2006-01-02-1504")+".md", h.Markdown)
	}
}

// handoverModel is the model of the hand-over's page.
type handoverModel struct {
	HandoverJSON
	Sentence string
	// FileHref leads to the same as Markdown.
	FileHref string
	// FromText and ToText stand in the form.
	FromText, ToText string
	Todo             []actionRow
}

// handoverPage shows the hand-over of a shift.
func (s *server) handoverPage(c *gin.Context) {
	h, ok := s.handover(c)
	if !ok {
		return
	}
	m := handoverModel{HandoverJSON: h, Sentence: h.Sentence(), FromText: h.From.UTC().Format(minuteForm), ToText: h.To.UTC().Format(minuteForm), Todo: actionRows(h.Actions, s.Now())}
	m.FileHref = address("/handover.md", url.Values{"from": {unix(h.From)}, "to": {unix(h.To)}})
	s.show(c, http.StatusOK, "handover", "Hand-over", "incidents", m)
}

// LowHref is the page of a budget of which little is left.
func (m handoverModel) LowHref(b reviews.LowBudget) string { return sloHref(b.SLO, b.Group) }

// EndingHref is where something that ends can be seen and changed.
func (m handoverModel) EndingHref(e reviews.Ending) string {
	if e.Kind == "silence" {
		return "/silences#silence-" + url.PathEscape(e.ID)
	}
	return "/corrections"
}
