package main

import "burnline/slo"

// whyHolding is what holds an incident open, as the server's engine says.
type whyHolding struct {
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// held says in a line what holds an open incident of an SLO's burn open now: the opening's reason is that of the
// opening, and another rule, whose windows are longer, may hold it long after the first one rests. "" where there is
// nothing to say.
func (r *whyRecord) held() string {
	switch {
	case !r.Closed.IsZero() || r.Cause != slo.CauseBurn && r.Cause != "":
		return ""
	case r.Holding == nil:
		return "not known, because the engine doesn't name it now"
	}
	return cell(r.Holding.Reason)
}
