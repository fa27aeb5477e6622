package slo

import "time"

// Holding says what holds an open incident of burn open now, and whether what it tells of still goes on. It is the
// judgement of now: what was told when the incident opened stays as it was told.
type Holding struct {
	// Incident is its key.
	Incident string `json:"incident"`
	// Reason says in plain words what holds it: the rule that fires, or what is waited for.
	Reason string `json:"reason"`
	// Stopped is since when, by data time, no group has failed more than was promised, where good events prove
	// that. Zero while it fails, and where nobody knows: silence is no proof.
	Stopped time.Time `json:"stopped,omitzero"`
	// Failed are the events from the incident's start to Stopped, and After those since; both only where Stopped is.
	Failed Counts `json:"failed,omitzero"`
	After  Counts `json:"after,omitzero"`
	// Until is about when the incident closes if the failing does not return, to the full minute; zero where
	// that can't be said. Only where Stopped is.
	Until time.Time `json:"until,omitzero"`
	// Rule is the policy that fires longest; nil where none does and only the proof of recovery is waited for.
	Rule *PolicyStatus `json:"rule,omitempty"`
}

// Rests reports whether what the incident tells of has stopped, by evidence.
func (h *Holding) Rests() bool { return h != nil && !h.Stopped.IsZero() }

// HoldingOf returns what the statuses of an SLO's groups say of an open incident; nil where they say nothing.
func HoldingOf(statuses []Status, incident string) *Holding {
	for i := range statuses {
		for k := range statuses[i].Holds {
			if statuses[i].Holds[k].Incident == incident {
				return &statuses[i].Holds[k]
			}
		}
	}
	return nil
}

// Rests returns what holds a group's open incidents open where the failing of all of them has stopped: when the last of
// it did, and until when the last of them stays open. Nil where one goes on, where nobody knows, and where
// none is open.
func (s *Status) Rests() *Holding {
	var last *Holding
	for _, in := range s.Open {
		h := HoldingOf([]Status{*s}, in.Key)
		if !h.Rests() {
			return nil
		}
		if last == nil {
			copied := *h
			last = &copied
			continue
		}
		if h.Until.After(last.Until) {
			last.Incident, last.Until, last.Rule = h.Incident, h.Until, h.Rule
		}
		last.Stopped = Latest(last.Stopped, h.Stopped)
	}
	return last
}
