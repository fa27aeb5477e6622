package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
	"burnline/slo/changes"
)

// Changes is what was deployed, switched or configured, and who may say so. What fails with
// slo.Problems is the caller's to mend; other errors are the store's.
type Changes interface {
	// Take takes a change, and reports whether it is new: one of the same ID is the same.
	Take(ctx context.Context, in changes.Input) (slo.ChangeEvent, bool, error)
	// List lists changes, the newest first.
	List(ctx context.Context, f changes.Filter) ([]slo.ChangeEvent, error)
}

const (
	// maxChange bounds the body of a request.
	maxChange = 64 << 10
	// listedChanges and mostListed are how many changes are listed, and may be asked for.
	listedChanges = 100
	mostListed    = 1000
)

// apiChange takes a change: 201 where it is new, 200 where it was known.
func (s *server) apiChange(c *gin.Context) {
	in, err := changes.Decode(http.MaxBytesReader(c.Writer, c.Request.Body, maxChange))
	if err != nil {
		s.badBody(c, "The body is no change.", err.Error(), err)
		return
	}
	in.By = firstOf(in.By, s.actor(c))
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	kept, is, err := s.Changes.Take(ctx, in)
	var found slo.Problems
	switch {
	case err == nil && is:
		c.JSON(http.StatusCreated, kept)
	case err == nil:
		c.JSON(http.StatusOK, kept)
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The change can't be taken so.", err.Error(), found})
	default:
		s.fail(c, http.StatusServiceUnavailable, "Changes can't be kept at the moment; send it again.", err.Error())
	}
}

// changesJSON are changes, the newest first.
type changesJSON struct {
	Changes []slo.ChangeEvent `json:"changes"`
}

// changesAsked reads which changes a request asks for; false when it has answered.
func (s *server) changesAsked(c *gin.Context) (changes.Filter, bool) {
	f := changes.Filter{Service: c.Query("service"), Version: c.Query("version"), Kind: slo.ChangeKind(c.Query("kind")), Limit: listedChanges}
	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostListed {
			s.fail(c, http.StatusBadRequest, fmt.Sprintf("limit is a whole number from 1 to %d.", mostListed), text)
			return f, false
		}
		f.Limit = n
	}
	for name, at := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		text := c.Query(name)
		t, ok := parseTime(text)
		if text != "" && !ok {
			s.fail(c, http.StatusBadRequest, name+" is Unix seconds or RFC 3339.", text)
			return f, false
		}
		if ok {
			*at = t
		}
	}
	return f, true
}

// changesOf lists changes with a limit on the time that a page may wait.
func (s *server) changesOf(c *gin.Context, f changes.Filter) ([]slo.ChangeEvent, bool) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Changes.List(ctx, f)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Changes can't be read at the moment.", err.Error())
		return nil, false
	}
	return all, true
}

// apiChanges lists changes, the newest first.
func (s *server) apiChanges(c *gin.Context) {
	f, ok := s.changesAsked(c)
	if !ok {
		return
	}
	if all, ok := s.changesOf(c, f); ok {
		c.JSON(http.StatusOK, changesJSON{append([]slo.ChangeEvent{}, all...)})
	}
}

// changesModel is the model of the list of changes.
type changesModel struct {
	Sentence string
	Rows     []changeRow
	// Service, Version and Kind are what the list is narrowed to, and Kinds what may be chosen.
	Service, Version, Kind string
	Kinds                  []slo.ChangeKind
	// OlderHref leads to further ones; "" where there are none.
	OlderHref string
}

// changeRow is one change as the page shows it.
type changeRow struct{ slo.ChangeEvent }

// Href is where to read more; "" where that is no web address.
func (r changeRow) Href() string { return safeHref(r.Link) }

// changesPage lists changes.
func (s *server) changesPage(c *gin.Context) {
	f, ok := s.changesAsked(c)
	if !ok {
		return
	}
	all, ok := s.changesOf(c, f)
	if !ok {
		return
	}
	m := changesModel{Service: f.Service, Version: f.Version, Kind: string(f.Kind),
		Kinds: []slo.ChangeKind{slo.ChangeDeploy, slo.ChangeFlag, slo.ChangeConfig, slo.ChangeVersion, slo.ChangeOther}}
	for _, one := range all {
		m.Rows = append(m.Rows, changeRow{one})
	}
	if len(all) == f.Limit {
		q := url.Values{"to": {unix(all[len(all)-1].At)}}
		for name, value := range map[string]string{"service": m.Service, "version": m.Version, "kind": m.Kind} {
			if value != "" {
				q.Set(name, value)
			}
		}
		m.OlderHref = address("/changes", q)
	}
	m.Sentence = changesSentence(m, s.Now())
	s.show(c, http.StatusOK, "changes", "Changes", "changes", m)
}

// changesSentence says what changed last.
func changesSentence(m changesModel, now time.Time) string {
	switch {
	case len(m.Rows) == 0 && m.Service+m.Version+m.Kind == "":
		return "No change is known yet."
	case len(m.Rows) == 0:
		return "No such change is known."
	}
	return "The newest change is " + m.Rows[0].Title + ", " + span(now.Sub(m.Rows[0].At)) + " ago."
}

// shownChanges is how many changes an SLO's page names.
const shownChanges = 10

// fillChanges says in words what the charts mark.
func (s *server) fillChanges(ctx context.Context, m *sloModel) {
	if s.Changes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	all, err := s.Changes.List(ctx, changes.Filter{Service: m.Def.Service, Everybody: true, From: m.From, To: m.To, Limit: shownChanges})
	if err != nil {
		s.Logger.Warn("a page lacks what changed", "slo", m.Def.ID, "error", err)
	}
	for _, one := range all {
		m.Changes = append(m.Changes, changeRow{one})
	}
	m.ChangesHref = address("/changes", url.Values{"service": {m.Def.Service}})
}

// changeMark is a change on the charts.
type changeMark struct {
	T     int64          `json:"t"`
	Kind  slo.ChangeKind `json:"kind"`
	Title string         `json:"title"`
	Link  string         `json:"link,omitempty"`
}

// mostMarks bounds the changes on one chart: more can't be told apart.
const mostMarks = 40

// changeMarks are the changes of a service, and those that concern all, from a moment to another.
func (s *server) changeMarks(ctx context.Context, service string, from, to time.Time) ([]changeMark, error) {
	marks := []changeMark{}
	if s.Changes == nil {
		return marks, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	all, err := s.Changes.List(ctx, changes.Filter{Service: service, Everybody: true, From: from, To: to, Limit: mostMarks})
	for _, c := range all {
		marks = append(marks, changeMark{c.At.Unix(), c.Kind, c.Title, safeHref(c.Link)})
	}
	return marks, err
}

// changeRoutes are the page and the API of deploys and other changes; none where they aren't kept.
func (s *server) changeRoutes() []route {
	if s.Changes == nil {
		return nil
	}
	const path = "/api/v1/changes"
	return []route{
		view("/changes", s.changesPage),
		api(http.MethodGet, path, toShow, s.apiChanges, operation{summary: "What was deployed, switched or configured, the newest first", answer: changesJSON{},
			query: map[string]string{"service": "only of this service", "version": "only of this version", "kind": "only of this kind", "from": timeText, "to": timeText, "limit": limitText},
			kinds: params{"limit": whole(1, mostListed, listedChanges)}, also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodPost, path, toFeed, s.apiChange, operation{summary: "Tell of a change; the same ID twice is one", body: changes.Input{}, answer: slo.ChangeEvent{}, made: http.StatusCreated,
			also: map[int]string{http.StatusCreated: "It is kept", http.StatusOK: "It was known; as it is kept", http.StatusUnprocessableEntity: "All that is wrong; nothing was kept",
				http.StatusServiceUnavailable: "It can't be kept at the moment"}, with: map[int]any{http.StatusOK: slo.ChangeEvent{}}}).does("tell of a change", nil),
	}
}
