package corrections

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"burnline/slo"
)

// Input is a correction as the API takes it: the JSON of slo.Correction, in which
// from and to may be any that Moment reads, by the clock of timezone.
type Input struct {
	ID       string             `json:"id,omitempty"`
	Kind     slo.CorrectionKind `json:"kind"`
	SLOs     []string           `json:"slos,omitempty"`
	Services []string           `json:"services,omitempty"`
	Teams    []string           `json:"teams,omitempty"`
	Journeys []string           `json:"journeys,omitempty"`
	From     string             `json:"from"`
	To       string             `json:"to"`
	Rule     string             `json:"rrule,omitempty"`
	Zone     string             `json:"timezone,omitempty"`
	Reason   string             `json:"reason"`
	Author   string             `json:"author"`
}

// Decode reads one Input. A field that doesn't exist, and anything after the object, is an
// error, so that no slip of the pen is passed over.
func Decode(r io.Reader) (Input, error) {
	var in Input
	if err := slo.DecodeObject(r, &in); err != nil {
		return Input{}, fmt.Errorf("read the correction: %w", err)
	}
	return in, nil
}

// Correction returns the correction, checked and prepared by Compile. The
// error, a slo.Problems, says all that is wrong.
func (in Input) Correction() (slo.Correction, error) {
	c := slo.Correction{
		ID: in.ID, Kind: in.Kind, SLOs: in.SLOs, Services: in.Services, Teams: in.Teams, Journeys: in.Journeys,
		Rule: in.Rule, Zone: in.Zone, Reason: in.Reason, Author: in.Author,
	}
	var found slo.Problems
	var unread []string // said once, not again as missing
	by := in.Zone
	if _, err := zone(by); err != nil {
		by = "" // Compile says it; the moments may be wrong as well
	}
	read := func(field, text string) {
		at, err := Moment(text, by)
		switch {
		case text == "": // Compile says it
		case err != nil:
			found = append(found, slo.Problem{Field: field, Message: err.Error()})
			unread = append(unread, field)
		case field == "from":
			c.From = at
		default:
			c.To = at
		}
	}
	read("from", in.From)
	read("to", in.To)
	var more slo.Problems
	if err := Compile(&c); errors.As(err, &more) {
		for _, p := range more {
			if !slices.Contains(unread, p.Field) {
				found = append(found, p)
			}
		}
	}
	if len(found) > 0 {
		return slo.Correction{}, found
	}
	return c, nil
}
