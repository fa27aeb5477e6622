package amapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"
	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/auth"
	"burnline/slo"
)

// What a silence has beyond Alertmanager's stands in its annotations, which newer clients
// show and send back.
const (
	untilResolved = "burnline_until_resolved"
	ceiling       = "burnline_ceiling"
)

// endedHere stands as who ended a silence where sign-in is off; the API does not say who asks.
const endedHere = "the Alertmanager API"

// listSilences lists silences in Alertmanager's order.
func (h *handler) listSilences(r *http.Request) (any, error) {
	q := r.URL.Query()
	matchers, err := matchersOf(q)
	if err != nil {
		return nil, err
	}
	wanted, err := flags(q, "active", "pending", "expired")
	if err != nil {
		return nil, err
	}
	states := map[alerting.SilenceState]bool{
		alerting.SilenceActive: wanted[0], alerting.SilencePending: wanted[1], alerting.SilenceExpired: wanted[2],
	}
	all, err := h.o.Silences.List(r.Context())
	if err != nil {
		return nil, err
	}
	out := models.GettableSilences{}
	for i := range all {
		if states[all[i].State(h.o.Now())] && hasMatchers(&all[i], matchers) {
			out = append(out, h.gettable(&all[i]))
		}
	}
	return out, nil
}

// hasMatchers reports whether the silence has every one of the matchers, word for word.
func hasMatchers(s *alerting.Silence, wanted labels.Matchers) bool {
	for _, w := range wanted {
		found := false
		for _, m := range s.Matchers {
			found = found || m.Name == w.Name && m.Type == w.Type && m.Value == w.Value
		}
		if !found {
			return false
		}
	}
	return true
}

func (h *handler) getSilence(r *http.Request) (any, error) {
	s, err := h.o.Silences.Silence(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return h.gettable(&s), nil
}

func (h *handler) deleteSilence(r *http.Request) (any, error) {
	_, err := h.o.Silences.Expire(r.Context(), r.PathValue("id"), cmp.Or(auth.From(r.Context()).Name, endedHere))
	return nil, err
}

// postSilence puts a silence in force, new or in the place of the one of its ID.
func (h *handler) postSilence(r *http.Request) (any, error) {
	posted, err := readSilence(r.Body)
	if err != nil {
		return nil, err
	}
	request, err := requestOf(posted)
	if err != nil {
		return nil, err
	}
	request.Author = cmp.Or(auth.From(r.Context()).Name, request.Author)
	if err := h.inherit(r, posted, &request); err != nil {
		return nil, err
	}
	s, err := h.o.Silences.Put(r.Context(), request)
	var found slo.Problems
	var wide *silences.TooWide
	switch {
	case errors.As(err, &found):
		return nil, bad(found.Error())
	case errors.As(err, &wide):
		return nil, bad(wide.Error() + "; burnline silence add --force and the page of silences can")
	case err != nil:
		return nil, err
	}
	return struct {
		ID string `json:"silenceID"`
	}{s.ID}, nil
}

// Wanted reads which silence a body asks for, as the API itself does.
func Wanted(body io.Reader) (silences.Request, error) {
	posted, err := readSilence(body)
	if err != nil {
		return silences.Request{}, err
	}
	return requestOf(posted)
}

// readSilence decodes and checks a body as Alertmanager does.
func readSilence(body io.Reader) (*models.PostableSilence, error) {
	data, err := io.ReadAll(body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", large.Limit)}
	case err != nil:
		return nil, bad("reading the silence failed: " + err.Error())
	}
	var posted models.PostableSilence
	if err := json.Unmarshal(data, &posted); err != nil {
		return nil, bad("parsing silence body failed: " + err.Error())
	}
	if err := posted.Validate(strfmt.Default); err != nil {
		return nil, bad(err.Error())
	}
	return &posted, nil
}

// requestOf reads what a client asks for.
func requestOf(p *models.PostableSilence) (silences.Request, error) {
	r := silences.Request{ID: p.ID, StartsAt: time.Time(*p.StartsAt), EndsAt: time.Time(*p.EndsAt), Author: *p.CreatedBy, Reason: *p.Comment}
	for _, m := range p.Matchers {
		if m == nil {
			return r, bad("matchers in body: a matcher is null")
		}
		kind := labels.MatchEqual
		switch equal, regex := m.IsEqual == nil || *m.IsEqual, m.IsRegex != nil && *m.IsRegex; {
		case equal && regex:
			kind = labels.MatchRegexp
		case regex:
			kind = labels.MatchNotRegexp
		case !equal:
			kind = labels.MatchNotEqual
		}
		one, err := labels.NewMatcher(kind, *m.Name, *m.Value)
		if err != nil {
			return r, bad(fmt.Sprintf("invalid matcher for %.100q: %s", *m.Name, err))
		}
		r.Matchers = append(r.Matchers, one)
	}
	if text, ok := p.Annotations[untilResolved]; ok {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return r, bad(untilResolved + " is true or false")
		}
		r.UntilResolved = value
	}
	if text, ok := p.Annotations[ceiling]; ok {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return r, bad(ceiling + " is a burn rate such as 100, or 0 for none")
		}
		r.Ceiling = &value
	}
	return r, nil
}

// inherit keeps what an older client can't send back of the silence that it changes.
func (h *handler) inherit(r *http.Request, p *models.PostableSilence, request *silences.Request) error {
	if request.ID == "" {
		return nil
	}
	old, err := h.o.Silences.Silence(r.Context(), request.ID)
	if err != nil {
		return err
	}
	if _, ok := p.Annotations[untilResolved]; !ok {
		request.UntilResolved = old.UntilResolved
	}
	if request.Ceiling == nil {
		request.Ceiling = &old.Ceiling
	}
	return nil
}

// gettable writes a silence as Alertmanager does.
func (h *handler) gettable(s *alerting.Silence) *models.GettableSilence {
	starts, ends, updated := strfmt.DateTime(s.StartsAt), strfmt.DateTime(s.EndsAt), strfmt.DateTime(s.UpdatedAt)
	state := string(s.State(h.o.Now()))
	out := &models.GettableSilence{ID: &s.ID, Status: &models.SilenceStatus{State: &state}, UpdatedAt: &updated}
	out.Comment, out.CreatedBy, out.StartsAt, out.EndsAt = &s.Reason, &s.Author, &starts, &ends
	out.Matchers = models.Matchers{}
	for _, m := range s.Matchers {
		equal := m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp
		regex := m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp
		out.Matchers = append(out.Matchers, &models.Matcher{Name: &m.Name, Value: &m.Value, IsEqual: &equal, IsRegex: &regex})
	}
	out.Annotations = models.LabelSet{ceiling: strconv.FormatFloat(s.Ceiling, 'g', -1, 64), untilResolved: strconv.FormatBool(s.UntilResolved)}
	return out
}
