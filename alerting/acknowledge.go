package alerting

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// AckKind is what a person did about an incident, or undid.
type AckKind string

// The kinds. Only the last of an incident is in force.
const (
	// AckTaken: somebody has it, so it is not told again.
	AckTaken AckKind = "acknowledged"
	// AckGiven: nobody has it any more, because it was given back, or the receiver
	// found that it took too long.
	AckGiven AckKind = "unacknowledged"
	// AckResolved: somebody resolved it at a receiver while it was open here. It is told
	// there again if it still is when Config.ResolvedGrace has passed.
	AckResolved AckKind = "resolved-by-hand"
	// AckReopened: it was opened again at the receiver where it was resolved.
	AckReopened AckKind = "reopened"
)

// The ways by which an acknowledgement comes, beside the kinds of integrations.
const (
	ViaWeb = "web"
	ViaAPI = "api"
)

// Acknowledgement is what a person did about an open incident. It is part of the
// incident's story.
type Acknowledgement struct {
	Kind AckKind `json:"kind"`
	// By is who, in the words of the place where it was done.
	By string `json:"by"`
	// Via is that place: ViaWeb, ViaAPI, or a kind of integration such as "pagerduty".
	Via string    `json:"via"`
	At  time.Time `json:"at"`
}

// ErrNotOpen means that no incident of the key is open.
var ErrNotOpen = errors.New("no incident of this key is open")

// Title says in a few words what was done, and by whom.
func (a Acknowledgement) Title() string {
	switch a.Kind {
	case AckGiven:
		return "Acknowledgement given back by " + a.who()
	case AckResolved:
		return "Resolved by hand by " + a.who()
	case AckReopened:
		return "Opened again by " + a.who()
	}
	return "Acknowledged by " + a.who()
}

// Place is where it was done, to stand behind Title.
func (a Acknowledgement) Place() string {
	switch a.Via {
	case "pagerduty":
		return "in PagerDuty"
	case "opsgenie":
		return "in Opsgenie"
	case "slack":
		return "in Slack"
	case ViaWeb:
		return "on the web page"
	case ViaAPI:
		return "by the API"
	}
	return "in " + inline(a.Via)
}

func (a Acknowledgement) who() string { return orElse(inline(a.By), "somebody") }

// same reports whether both are one and the same deed.
func (a Acknowledgement) same(b Acknowledgement) bool {
	return a.Kind == b.Kind && a.Via == b.Via && a.At.Equal(b.At)
}

// inOrder returns acknowledgements in the order in which they were done, which need not be
// that in which they were told.
func inOrder(acks []Acknowledgement) []Acknowledgement {
	sorted := slices.Clone(acks)
	slices.SortStableFunc(sorted, func(a, b Acknowledgement) int { return a.At.Compare(b.At) })
	return sorted
}

// Acknowledged returns who has an incident, by all that people did about it, and of several
// who took it first; false when nobody does.
func Acknowledged(acks []Acknowledgement) (Acknowledgement, bool) {
	if all := Holders(acks); len(all) > 0 {
		return all[0], true
	}
	return lastAck(acks), false
}

// Holders returns all who have an incident, in the order in which they took it: since it was
// given back or resolved last, each person once.
func Holders(acks []Acknowledgement) []Acknowledgement {
	var all []Acknowledgement
	for _, a := range inOrder(acks) {
		switch {
		case a.Kind != AckTaken:
			all = nil
		case !slices.ContainsFunc(all, func(o Acknowledgement) bool { return o.By == a.By }):
			all = append(all, a)
		}
	}
	return all
}

// lastAck is what was done last; its kind is "" when nothing was.
func lastAck(acks []Acknowledgement) Acknowledgement {
	if sorted := inOrder(acks); len(sorted) > 0 {
		return sorted[len(sorted)-1]
	}
	return Acknowledgement{}
}

// closedByHand returns the resolve by hand after which the incident was not told again yet;
// false when there is none. The trigger that answers it names it, since two clocks can't
// be compared.
func closedByHand(acks []Acknowledgement, rows []Row) (Acknowledgement, bool) {
	last := lastAck(acks)
	answered := slices.ContainsFunc(rows, func(r Row) bool { return r.Action == ActionTrigger && r.Message.Answers.Equal(last.At) })
	return last, last.Kind == AckResolved && !answered
}

// kindOf is the kind of an integration, by its name.
func kindOf(integration string) string {
	kind, _, _ := strings.Cut(integration, "/")
	return kind
}

// integration returns the settings of a target; those of one that is configured no longer
// are all off.
func (c *Config) integration(to target) Integration {
	to = to.real()
	for _, r := range c.Receivers {
		if r.Name != to.receiver {
			continue
		}
		for _, in := range r.Integrations {
			if in.Name == to.integration {
				return in
			}
		}
	}
	return Integration{}
}

// grace is how long an incident that was resolved by hand may go on without being told
// again.
func (c *Config) grace() time.Duration { return cmp.Or(c.ResolvedGrace, defaultResolvedGrace) }

const (
	defaultResolvedGrace  = 5 * time.Minute
	defaultRepeatInterval = 4 * time.Hour
)
