package shadow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"burnline/slo"
)

// MaxBody bounds a webhook in bytes, and maxAlerts the alerts that it brings.
const (
	MaxBody   = 8 << 20
	maxAlerts = 10_000
	maxLabels = 64 << 10
)

// Page is one alert of which the old system told people, from its beginning to its end.
type Page struct {
	// ID is the same for all notifications of one alert to one receiver.
	ID string `json:"id"`
	// Receiver is who was told, by the old system's name.
	Receiver string     `json:"receiver"`
	Labels   slo.Labels `json:"labels"`
	// Summary is what its annotations say; may be empty.
	Summary string `json:"summary"`
	// StartsAt is when the rule fired, by the old system's clock, and ToldAt when the first
	// notification of it came.
	StartsAt time.Time `json:"starts_at"`
	ToldAt   time.Time `json:"told_at"`
	// EndedAt is when its end was told; zero while it was not.
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// Ended reports whether the page of a notification tells of an end.
func (p *Page) Ended() bool { return !p.EndedAt.IsZero() }

// payload is Alertmanager's webhook, version 4, as far as it is used.
type payload struct {
	Version  string  `json:"version"`
	Receiver string  `json:"receiver"`
	Alerts   []alert `json:"alerts"`
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// Decode reads one webhook of Alertmanager's that came at a moment. Everything that is wrong
// with it comes back as slo.Problems, and nothing of it is taken then.
func Decode(r io.Reader, at time.Time) ([]Page, error) {
	var in payload
	var found slo.Problems
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		found.Add("body", "send what webhook_configs of Alertmanager sends", "it is no JSON of a webhook: %.200s", err.Error())
		return nil, found
	}
	if in.Version != "4" {
		found.Add("version", `send Alertmanager's webhook, version "4"`, "%.20q is not known", in.Version)
	}
	if len(in.Alerts) > maxAlerts {
		found.Add("alerts", "set max_alerts of the webhook", "%d alerts are more than %d", len(in.Alerts), maxAlerts)
		return nil, found
	}
	if len(in.Receiver) > maxLabels {
		found.Add("receiver", "give it a shorter name", "it is too long")
	}
	pages := make([]Page, 0, len(in.Alerts))
	for i, a := range in.Alerts {
		page, err := a.page(in.Receiver, at)
		if err != nil {
			found.Add(fmt.Sprintf("alerts[%d]", i), "send what Alertmanager sends", "%s", err)
			continue
		}
		pages = append(pages, page)
	}
	if len(found) > 0 {
		return nil, found
	}
	return pages, nil
}

// page is the alert as it is kept.
func (a alert) page(receiver string, at time.Time) (Page, error) {
	size, pairs := 0, make([]string, 0, 2*len(a.Labels))
	for k, v := range a.Labels {
		size += len(k) + len(v)
		pairs = append(pairs, k, v)
	}
	switch {
	case len(a.Labels) == 0:
		return Page{}, errors.New("it has no labels")
	case size > maxLabels:
		return Page{}, fmt.Errorf("its labels have more than %d bytes", maxLabels)
	case a.StartsAt.IsZero():
		return Page{}, errors.New("startsAt is missing")
	case a.StartsAt.Year() < 1970 || a.StartsAt.Year() > 2200:
		return Page{}, errors.New("startsAt is no time of this age")
	case a.Status != "firing" && a.Status != "resolved":
		return Page{}, fmt.Errorf("status %.20q is neither firing nor resolved", a.Status)
	}
	p := Page{Receiver: receiver, Labels: slo.NewLabels(pairs...), StartsAt: a.StartsAt.UTC(), ToldAt: at.UTC(), Summary: summary(a.Annotations)}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", receiver, p.Labels.String(), a.StartsAt.UnixNano()))
	p.ID = hex.EncodeToString(sum[:16])
	if a.Status == "resolved" {
		p.EndedAt = at.UTC()
	}
	return p, nil
}

// summary is the first of the usual annotations, cut to a sensible length.
func summary(annotations map[string]string) string {
	const most = 300
	for _, name := range []string{"summary", "title", "description", "message"} {
		if text := []rune(annotations[name]); len(text) > 0 {
			return string(text[:min(len(text), most)])
		}
	}
	return ""
}
