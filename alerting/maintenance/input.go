package maintenance

import (
	"fmt"
	"io"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
	"burnline/slo/corrections"
)

// Input is a maintenance as the API takes it.
type Input struct {
	// Title is what customers read on the status page, such as "A new database".
	Title string `json:"title"`
	alerting.Scope
	// From and To are moments such as 2026-03-01T02:00:00Z or, by the clock of Zone, 2026-03-01
	// 02:00. An empty From is now. For, such as 2h, may stand in the place of To.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	For  string `json:"for,omitempty"`
	// Zone is an IANA name such as Europe/Berlin; "" is UTC.
	Zone string `json:"timezone,omitempty"`
	// By is who answers for it, and Reason says why, for the team alone.
	By     string `json:"by"`
	Reason string `json:"reason"`
	// Confirmed says that somebody has seen how much it keeps quiet, and wants it.
	Confirmed bool `json:"confirmed,omitempty"`
}

// Request is a maintenance as somebody asks for it. A zero From is now.
type Request struct {
	Title, By, Reason string
	alerting.Scope
	From, To  time.Time
	Confirmed bool
	// Unread is what of an input can't be read; Keeper refuses it with whatever else is wrong.
	Unread slo.Problems
}

// Decode reads one Input. A field that doesn't exist, and anything after the object, is an
// error, so that no slip of the pen is passed over.
func Decode(r io.Reader) (Input, error) {
	var in Input
	if err := slo.DecodeObject(r, &in); err != nil {
		return Input{}, fmt.Errorf("read the maintenance: %w", err)
	}
	return in, nil
}

// Request returns the input as a request, at a moment that stands for now, with all that can't be read; what can be
// and breaks the rules is found by Keeper, which says both.
func (in *Input) Request(now time.Time) Request {
	r := Request{Title: in.Title, By: in.By, Reason: in.Reason, Scope: in.Scope, Confirmed: in.Confirmed}
	r.From = in.moment("from", in.From, &r.Unread)
	r.To = in.moment("to", in.To, &r.Unread)
	if in.For != "" {
		from := r.From
		if from.IsZero() {
			from = now
		}
		r.To = silences.Until(in.For, from, "to", in.To, &r.Unread)
	}
	return r
}

func (in *Input) moment(field, text string, found *slo.Problems) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := corrections.Moment(text, in.Zone)
	if err != nil {
		found.Add(field, "", "%s", err)
	}
	return at
}
