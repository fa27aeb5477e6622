package shadow

import (
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// whyOnlyOld says why Burnline told nobody of a page of the old system's; true where nobody
// can say whether it should have.
func (w *World) whyOnlyOld(p *Page, s subject, quiet *told) (string, bool) {
	switch {
	case s.several:
		return "Its labels fit several of Burnline's SLOs, so it is not known which one is meant. Labels such as sloth_service and service tell them apart.", true
	case quiet != nil:
		return "Burnline noticed it and kept it back: " + keptBack(quiet.record), false
	case s.slo != "":
		return fmt.Sprintf("Burnline watches %s and opened no incident within %s of it.", s.slo, alerting.Duration(w.Tolerance)), false
	}
	for i := range w.Records {
		if w.Records[i].Incident.Cause == slo.CauseAlert && w.Records[i].Newest.Labels.Get("alertname") == p.Labels.Get("alertname") {
			return fmt.Sprintf("Burnline knows alerts of this name and had none with these labels within %s of it.", alerting.Duration(w.Tolerance)), false
		}
	}
	return "No SLO of Burnline's, and no alert that it was sent in these days, has these labels.", true
}

// keptBack says what kept an incident back at each receiver.
func keptBack(r *alerting.Record) string {
	said := ""
	for _, d := range r.InForce() {
		if said != "" {
			said += "; "
		}
		said += d.Title() + ": " + d.Story()
	}
	if said == "" {
		return "nobody was to be told."
	}
	return said + "."
}

// whyOnlyBurnline says why the old system told nobody of an incident; true where nobody
// can say whether it did.
func (w *World) whyOnlyBurnline(t *told) (string, bool) {
	if w.Heard.IsZero() || t.at.Before(w.Heard) {
		return "Nothing had been heard from the old Alertmanager by then, so nobody can say what it told.", true
	}
	if left := t.at.Add(w.Tolerance).Sub(w.Now); left > 0 {
		return fmt.Sprintf("The old Alertmanager has not told it yet; it has another %s.", alerting.Duration(left)), true
	}
	reason := fmt.Sprintf("The old Alertmanager told nothing of it within %s.", alerting.Duration(w.Tolerance))
	if t.record.Incident.Cause == slo.CauseNoData {
		reason += " No data arrived: a rule on rates has no result then, and stays silent."
	}
	return reason, false
}

// whyApart says what made the difference between two that both told.
func whyApart(p *Page, t *told) string {
	fired := p.StartsAt.Sub(t.at).Round(time.Second)
	reason := "The old rule fired at the same moment"
	switch {
	case fired > 0:
		reason = fmt.Sprintf("The old rule fired %s after Burnline had told it", alerting.Duration(fired))
	case fired < 0:
		reason = fmt.Sprintf("The old rule fired %s before Burnline told it", alerting.Duration(-fired))
	}
	if took := p.ToldAt.Sub(p.StartsAt).Round(time.Second); took > 0 {
		reason += fmt.Sprintf(", and its notification took another %s", alerting.Duration(took))
	}
	reason += "."
	if theirs, ours := severityOf(p.Labels), t.record.Incident.Severity; theirs != ours {
		reason += fmt.Sprintf(" The severities differ: %s there, %s here.", theirs, ours)
	}
	return reason
}
