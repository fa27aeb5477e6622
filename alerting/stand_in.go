package alerting

import "burnline/slo"

// StoreChanged takes note that the store is another one now, which stands in for the first or took its
// place again: what is open is judged again, and that senders said nothing until now
// proves nothing.
func (r *Router) StoreChanged() {
	r.alerts.state.Lock()
	r.alerts.since = r.now()
	r.alerts.state.Unlock()
	r.rejudge()
	r.wake()
}

// Endings returns what plans, by the configuration in force now, whom to tell that an incident
// is over that was found to be, when a store and its stand-in agreed on what happened to it. What it
// returns waits for no lock of the router's, so that it may be asked within any transaction.
func (r *Router) Endings() func(in slo.Incident, have Existing) Plan {
	r.changing.RLock()
	defer r.changing.RUnlock()
	config, v := r.config, r.view()
	v.config = &config
	return func(in slo.Incident, have Existing) Plan {
		t := slo.Transition{Kind: slo.IncidentClosed, At: in.Closed, Incident: in, Reason: "it was found to be over"}
		return pass(v, passage{t: t, labels: labelsOf(&Standing{Incident: in, Existing: have}), message: have.Newest, have: have}).plan
	}
}
