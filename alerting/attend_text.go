package alerting

import (
	"burnline/slo"
)

// ackText says what somebody did about the incident, before what there is to tell of it.
func ackText(m Message, a Acknowledgement, v *view) Message {
	said := a.Title() + " at " + clock(a.At, v.now, v.text) + " " + a.Place()
	if first := m.Acknowledged; a.Kind == AckTaken && first != nil && first.By != a.By {
		said += "; " + first.who() + " has had it since " + clock(first.At, v.now, v.text)
	}
	if a.Kind == AckResolved {
		said += ", while " + goesOn(m) + "; it is told again in " + Duration(v.config.grace()) + " unless it is over by then"
	}
	m.Summary = sentences(said+".", m.Summary)
	return m
}

// againText says that an incident goes on that somebody resolved by hand.
func againText(m Message, a Acknowledgement, v *view) Message {
	m.Summary = sentences("Resolved by hand at "+clock(a.At, v.now, v.text)+" by "+a.who()+", but "+goesOn(m)+".", asOf(m, v)+m.Summary)
	m.Answers = a.At
	return m
}

// repeatText is a message that is told once more.
func repeatText(m Message, in slo.Incident, v *view) Message {
	m.Summary = sentences("Open for "+Duration(v.now.Sub(in.Started))+", and nobody has acknowledged it.", asOf(m, v)+m.Summary)
	m.Repeat = true
	return m
}

// escalatedText tells a further receiver of what is open for long.
func escalatedText(m Message, in slo.Incident, v *view) Message {
	said := "Open for " + Duration(v.now.Sub(in.Started)) + ", and nobody has acknowledged it."
	if a := m.Acknowledged; a != nil {
		said = "Open for " + Duration(v.now.Sub(in.Started)) + ", though acknowledged by " + a.who() + " at " + clock(a.At, v.now, v.text) + "."
	}
	m.Summary = sentences(said, asOf(m, v)+m.Summary)
	return m
}

// goesOn says that an incident is not over, in a few words.
func goesOn(m Message) string {
	switch m.Class {
	case ClassAlert:
		return "it still fires"
	case classNoData:
		return "data is still missing"
	}
	return "it is still burning"
}

// asOf says of when the facts are.
func asOf(m Message, v *view) string {
	if m.AsOf.IsZero() {
		return ""
	}
	return "As of " + clock(m.AsOf, v.now, v.text) + ": "
}
