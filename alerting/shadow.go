package alerting

import (
	"context"
	"slices"
	"strings"

	"burnline/slo"
)

// Shadow is who is told for real while the rest of the router only shows what it would
// do. The zero value tells everybody for real.
type Shadow struct {
	// On is shadow mode: everything is decided and written as ever, and nothing is sent.
	On bool
	// Live are the teams that are told for real nevertheless.
	Live []string
}

// Covers reports whether what concerns a team is not sent; "" is what no team owns.
func (s Shadow) Covers(team string) bool { return s.On && !slices.Contains(s.Live, team) }

// VerdictShadowed means: the message was not sent, because its team is in shadow mode.
const VerdictShadowed Verdict = "shadowed"

// RowShadowed is the end of a row that would have been sent: neither delivered nor pending.
const RowShadowed RowState = "shadowed"

// shadowPrefix begins the name of an integration's shadow. The rows of an integration and
// of its shadow are two chains, so that each is told, told news and ended by itself: what
// was told for real ends for real, and what was only shown is told when its team
// goes live.
const shadowPrefix = "shadow/"

// shadow is the target that only shows what this one would be told.
func (to target) shadow() target { return target{to.receiver, shadowPrefix + to.real().integration} }

// real is the target behind a shadow, or the target itself.
func (to target) real() target {
	return target{to.receiver, strings.TrimPrefix(to.integration, shadowPrefix)}
}

// isShadow reports whether nothing that is told to the target is ever sent.
func (to target) isShadow() bool { return strings.HasPrefix(to.integration, shadowPrefix) }

// Shadowed reports whether the row belongs to an integration's shadow, so that it is never
// sent.
func (r *Row) Shadowed() bool { return target{r.Receiver, r.Integration}.isShadow() }

// team owns the incident; that of outside alerts stands in the labels of their group.
func (p *passage) team() string { return orElse(p.t.Incident.Team, p.t.Incident.Group.Get("team")) }

// targets are the integrations of a receiver as the incident is told there: their shadows
// while its team is in shadow mode, but for one that may know the incident from before.
func (v *view) targets(p *passage, receiver string) []target {
	all := v.config.targets(receiver)
	if !v.config.Shadow.Covers(p.team()) {
		return all
	}
	for i, to := range all {
		if !openAt(p.have.Rows, to) || untouched(p.have.Rows, to) {
			all[i] = to.shadow()
		}
	}
	return all
}

// switched are the deeds of a change between shadow and live: what nobody tried to send, or
// to show, goes the other way now.
func switched(v *view, p *passage) []deed {
	covered := v.config.Shadow.Covers(p.team())
	var deeds []deed
	for _, to := range targetsOf(p.have.Rows) {
		if to.isShadow() != covered && openAt(p.have.Rows, to) && untouched(p.have.Rows, to) {
			deeds = append(deeds, deed{to: to, act: actWithdraw})
		}
	}
	return deeds
}

// spared reports whether a target that is live again may know the incident, and surely does not know that it
// is open: the attempts to tell it failed, and then it was in shadow mode.
func (v *view) spared(p *passage, to target) bool {
	since := sinceOpen(p.have.Rows, to)
	return len(since) > 0 && !to.isShadow() && !v.config.Shadow.Covers(p.team()) &&
		!slices.ContainsFunc(since, func(r Row) bool { return r.State != RowShadowed })
}

// onlyShown reports whether an incident was shown at the shadow of a target.
func onlyShown(rows []Row, to target) bool {
	return !to.isShadow() && openAt(rows, to.shadow()) && !untouched(rows, to.shadow())
}

// shadowSender takes the place of a sender in shadow mode: it records instead of
// sending.
type shadowSender struct{}

// Send implements Sender.
func (shadowSender) Send(_ context.Context, row Row) Result {
	return Result{Verdict: VerdictShadowed, Answer: wouldHave(row)}
}

// Destination implements Sender.
func (shadowSender) Destination() Destination { return Destination{Name: "shadow mode"} }

// wouldHave says what a row would have done.
func wouldHave(row Row) string {
	at := inline(row.Receiver)
	switch {
	case row.Message.Class == ClassHeartbeat:
		return "would have sent a heartbeat to " + at
	case row.Action == ActionChange:
		return "would have told " + at + " of a change"
	case row.Action == ActionReport:
		return "would have sent " + at + " a report"
	case row.Action == ActionResolve:
		return "would have told " + at + " that it is over"
	case row.Action == ActionAcknowledge:
		return "would have told " + at + " who has it"
	case row.Action == ActionUpdate:
		return "would have told " + at + " the news"
	case row.Message.Severity == slo.Page:
		return "would have paged " + at
	}
	return "would have opened a ticket at " + at
}

// sender returns the sender of an integration; that of a shadow sends nothing, whatever the
// configuration has.
func (d *Deliverer) sender(receiver, integration string) (Sender, bool) {
	if (target{receiver, integration}).isShadow() {
		return shadowSender{}, true
	}
	return d.o.Senders(receiver, integration)
}

// inShadow reports whether a claimed row is only shown: those of shadows, and everything of a team in shadow mode
// but the end of what it was told before.
func (d *Deliverer) inShadow(row Row) bool {
	if row.Shadowed() {
		return true
	}
	if d.o.Shadow == nil {
		return false
	}
	shadow := d.o.Shadow()
	if !shadow.Covers(row.Message.Labels.Get("team")) || len(shadow.Live) > 0 && ofEverybody(row) {
		return false
	}
	return row.Action != ActionResolve || !row.Follows
}

// ofEverybody reports whether a message is about Burnline itself: it is sent as soon as some
// team is told for real, and rests on Burnline.
func ofEverybody(row Row) bool {
	return row.Message.Class == ClassBacklog || row.Message.Class == ClassHeartbeat
}

// shown is how a row ends that was not sent. One that was planned to be sent, and that nobody
// tried to, ends as if it had never been; the incident's shadow tells it.
func shown(row Row, answer string) Outcome {
	if !row.Shadowed() && !row.Follows && !ofEverybody(row) && (row.Attempts == 1 || row.Action == ActionResolve) {
		return Outcome{State: RowSuperseded, Answer: "its team is in shadow mode again, so it was not sent"}
	}
	return Outcome{State: RowShadowed, Answer: answer}
}
