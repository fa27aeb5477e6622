package maintenance

import (
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/model"

	"burnline/alerting"
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

// Request returns the input as a request, at a moment that stands for now. The error,
// slo.Problems, says all that can't be read; what can be and breaks the rules is found by Keeper.
func (in *Input) Request(now time.Time) (Request, error) {
	r := Request{Title: in.Title, By: in.By, Reason: in.Reason, Scope: in.Scope, Confirmed: in.Confirmed}
	var found slo.Problems
	r.From = in.moment("from", in.From, &found)
	r.To = in.moment("to", in.To, &found)
	if in.For != "" {
		in.readFor(&r, now, &found)
	}
	if len(found) > 0 {
		return Request{}, found
	}
	return r, nil
}

// readFor sets the end by the length.
func (in *Input) readFor(r *Request, now time.Time, found *slo.Problems) {
	lasts, err := model.ParseDuration(in.For)
	switch {
	case err != nil || lasts == 0:
		found.Add("for", "write a length such as 2h or 90m", "%.100q is no length of time", in.For)
	case in.To != "":
		found.Add("for", "write one of them", "both for and to are given")
	case r.From.IsZero():
		r.To = now.Add(time.Duration(lasts))
	default:
		r.To = r.From.Add(time.Duration(lasts))
	}
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
