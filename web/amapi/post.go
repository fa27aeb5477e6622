package amapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-openapi/strfmt"

	"burnline/alerting"
	"burnline/slo"
)

// The outcomes of an alert that was sent.
const (
	outcomeStored = "stored"
	outcomeBad    = "bad"
	outcomeFailed = "failed"
)

// postedAlert is an alert as senders write it.
type postedAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     strfmt.DateTime   `json:"startsAt"`
	EndsAt       strfmt.DateTime   `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

// postAlerts takes alerts. As in Alertmanager those that are sound are taken even where others
// are not, and the answer then names what is wrong; 200 means that all are on disk.
func (h *handler) postAlerts(r *http.Request) (any, error) {
	leave, err := h.posts.Take(r.Context())
	if err != nil {
		return nil, err
	}
	defer leave()
	posted, err := readAlerts(r.Body)
	if err != nil {
		return nil, err
	}
	var sound []slo.Alert
	var wrong []string
	for i := range posted {
		alert, err := posted[i].alert()
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		sound = append(sound, alert)
	}
	h.alerts.WithLabelValues(outcomeBad).Add(float64(len(wrong)))
	if len(sound) > 0 {
		err := h.o.Router.Alerts(r.Context(), sound)
		if err != nil && !errors.Is(err, alerting.ErrBadAlert) {
			h.alerts.WithLabelValues(outcomeFailed).Add(float64(len(sound)))
			return nil, err
		}
		h.alerts.WithLabelValues(outcomeStored).Add(float64(len(sound)))
		if err != nil { // the others are stored
			wrong = append(wrong, err.Error())
		}
	}
	if n := len(wrong) - mostNamed; n > 0 {
		wrong = append(wrong[:mostNamed], fmt.Sprintf("and %d more alerts that can't be taken", n))
	}
	if len(wrong) > 0 {
		return nil, bad(strings.Join(wrong, "\n"))
	}
	return nil, nil
}

const (
	// mostPosted is how many alerts one request may hold: those that say next to nothing take far
	// more memory than their text. Prometheus sends 64 at once.
	mostPosted = 100_000
	// mostNamed is of how many alerts an answer says what is wrong with them.
	mostNamed = 20
)

// readAlerts decodes the body of a request.
func readAlerts(body io.Reader) ([]postedAlert, error) {
	var posted []postedAlert
	d := json.NewDecoder(body)
	first, err := d.Token()
	if err == nil && first == nil { // null is no alerts
		return nil, wholeBody(d, nil)
	}
	if err == nil && first != json.Delim('[') {
		return nil, bad("parsing alerts body failed: it is no list of alerts")
	}
	for err == nil && d.More() {
		if len(posted) == mostPosted {
			return nil, &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("there are more than %d alerts; send fewer at once", mostPosted)}
		}
		var one postedAlert
		err = d.Decode(&one)
		posted = append(posted, one)
	}
	if err == nil {
		_, err = d.Token() // the end of the list
	}
	return posted, wholeBody(d, err)
}

// wholeBody reports what went wrong with a body, or that something follows its value.
func wholeBody(d *json.Decoder, err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes; send fewer alerts at once", large.Limit)}
	case err != nil:
		return bad("parsing alerts body failed: " + err.Error())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("parsing alerts body failed: there is more than one JSON value")
	}
	return nil
}

// alert is the alert as the router takes it, or what is wrong with it.
func (p *postedAlert) alert() (slo.Alert, error) {
	a := slo.Alert{
		Origin: alerting.OriginAPI, Annotations: map[string]string{}, GeneratorURL: p.GeneratorURL,
		StartsAt: moment(p.StartsAt), EndsAt: moment(p.EndsAt),
	}
	pairs := make([]string, 0, 2*len(p.Labels))
	for name, value := range p.Labels {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return a, fmt.Errorf("invalid label set: invalid name %.100q or value", name)
		}
		pairs = append(pairs, name, value)
	}
	a.Labels = slo.NewLabels(pairs...)
	for name, value := range p.Annotations {
		if name == "" {
			return a, errors.New("invalid annotations: a name is empty")
		}
		a.Annotations[name] = value
	}
	switch {
	case len(a.Labels) == 0:
		return a, errors.New("at least one label pair required")
	case !a.EndsAt.IsZero() && a.EndsAt.Before(a.StartsAt):
		return a, fmt.Errorf("alert %.100q: start time must be before end time", a.Labels.Get("alertname"))
	case a.StartsAt.IsZero() && !a.EndsAt.IsZero():
		a.StartsAt = a.EndsAt
	}
	return a, nil
}

// moment reads a time that may be missing; some senders write the year 1 for that, others 1970.
func moment(t strfmt.DateTime) time.Time {
	if at := time.Time(t); at.Unix() > 0 {
		return at.UTC()
	}
	return time.Time{}
}
