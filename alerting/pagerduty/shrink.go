package pagerduty

import (
	"encoding/json"
	"fmt"
	"strings"

	"burnline/alerting/post"
)

// keptBytes is what is kept of a detail that has to be shortened.
const keptBytes = 200

// encode writes the event in at most limit bytes. Over that the largest details
// are shortened one after another, and the event says which. Links go only when
// nothing is left to shorten; what says who suffers is never touched.
func (e event) encode(limit int) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil || len(body) <= limit {
		return body, err
	}
	p := *e.Payload
	p.CustomDetails = append(details(nil), p.CustomDetails...)
	e.Payload = &p
	var shortened []string
	for len(body) > limit {
		i := largest(p.CustomDetails)
		if i < 0 {
			break
		}
		d := &p.CustomDetails[i]
		shortened = append(shortened, d.Name)
		d.JSON = false
		d.Value = fmt.Sprintf("%s… (shortened from %d bytes)", post.Head(d.Value, keptBytes), len(d.Value))
		if body, err = e.noting(shortened); err != nil {
			return nil, err
		}
	}
	if len(body) > limit {
		return e.bare(limit)
	}
	return body, nil
}

// noting encodes the event with a detail that names the shortened ones.
func (e event) noting(shortened []string) ([]byte, error) {
	p := *e.Payload
	note := detail{Name: "shortened", Value: "too long for PagerDuty: " + post.Cut(strings.Join(shortened, ", "), keptBytes)}
	p.CustomDetails = append(details{note}, p.CustomDetails...)
	e.Payload = &p
	return json.Marshal(e)
}

// bare keeps the first details that fit and no links: the last resort, for
// events that are too long by their number of facts.
func (e event) bare(limit int) ([]byte, error) {
	all := e.Payload.CustomDetails
	p := *e.Payload
	p.Source, p.Component, p.Class = post.Cut(p.Source, keptBytes), post.Cut(p.Component, keptBytes), post.Cut(p.Class, keptBytes)
	e.Payload, e.Links, e.Images, e.ClientURL = &p, nil, nil, ""
	e.Client, p.Group = post.Cut(e.Client, keptBytes), post.Cut(p.Group, keptBytes)
	for n := len(all); ; n /= 2 {
		left := detail{Name: "shortened", Value: fmt.Sprintf("too long for PagerDuty: links and %d of %d details are left out", len(all)-n, len(all))}
		p.CustomDetails = append(details{left}, all[:n]...)
		body, err := json.Marshal(e)
		if err != nil || len(body) <= limit || n == 0 {
			return body, err
		}
	}
}

// largest returns the index of the longest detail that shortening makes
// shorter, or -1.
func largest(ds details) int {
	const worth = keptBytes + 64 // the kept part and the words about the cut
	at, most := -1, worth
	for i, d := range ds {
		if len(d.Value) > most {
			at, most = i, len(d.Value)
		}
	}
	return at
}
