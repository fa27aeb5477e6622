package silences

import (
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/model"

	"burnline/slo"
)

// Input is a silence as the API takes it.
type Input struct {
	// ID is that of the silence to change; "" asks for a new one.
	ID string `json:"id,omitempty"`
	// Matchers are such as service="checkout".
	Matchers []string `json:"matchers"`
	// StartsAt and EndsAt are RFC 3339; an empty start is now. For, such as 2h, may
	// stand in the place of EndsAt.
	StartsAt string `json:"starts_at,omitempty"`
	EndsAt   string `json:"ends_at,omitempty"`
	For      string `json:"for,omitempty"`
	Author   string `json:"author"`
	Reason   string `json:"reason"`
	// UntilResolved, Ceiling and Confirmed are those of Request.
	UntilResolved bool     `json:"until_resolved,omitempty"`
	Ceiling       *float64 `json:"ceiling,omitempty"`
	Confirmed     bool     `json:"confirmed,omitempty"`
}

// Decode reads one Input. A field that doesn't exist, and anything after the object, is an
// error, so that no slip of the pen is passed over.
func Decode(r io.Reader) (Input, error) {
	var in Input
	if err := slo.DecodeObject(r, &in); err != nil {
		return Input{}, fmt.Errorf("read the silence: %w", err)
	}
	return in, nil
}

// Request returns the input as a request, at a moment that stands for now. The error, slo.Problems, says all that can't
// be read; what can be and breaks the rules is found by Keeper.
func (in *Input) Request(now time.Time) (Request, error) {
	r := Request{ID: in.ID, Author: in.Author, Reason: in.Reason, UntilResolved: in.UntilResolved, Ceiling: in.Ceiling, Confirmed: in.Confirmed}
	var found slo.Problems
	for _, text := range in.Matchers {
		if len(text) > slo.MaxText {
			found.Add("matchers", "shorten it", "%d bytes are more than %d", len(text), slo.MaxText)
			continue
		}
		m, err := ParseMatcher(text)
		if err != nil {
			found.Add("matchers", `write a matcher such as service="checkout"`, "%.200q can't be read: %s", text, err)
			continue
		}
		r.Matchers = append(r.Matchers, m)
	}
	r.StartsAt = moment("starts_at", in.StartsAt, &found)
	r.EndsAt = moment("ends_at", in.EndsAt, &found)
	if in.For != "" {
		r.EndsAt = Until(in.For, slo.Latest(r.StartsAt, now), "ends_at", in.EndsAt, &found)
	}
	if len(found) > 0 {
		return Request{}, found
	}
	return r, nil
}

// Until is when something ends that lasts as long as the text says, such as 2h, from a moment on; zero, with what is
// wrong in found, where that can't be read, or where the field that gives the end holds something too.
func Until(text string, from time.Time, field, end string, found *slo.Problems) time.Time {
	lasts, err := model.ParseDuration(text)
	switch {
	case err != nil || lasts == 0:
		found.Add("for", "write a length such as 2h or 90m", "%.100q is no length of time", text)
	case end != "":
		found.Add("for", "write one of them", "both for and %s are given", field)
	default:
		return from.Add(time.Duration(lasts))
	}
	return time.Time{}
}

func moment(field, text string, found *slo.Problems) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		found.Add(field, "write a moment such as 2026-03-01T02:00:00Z", "%.100q is no moment", text)
	}
	return at
}
