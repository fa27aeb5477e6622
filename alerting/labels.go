package alerting

import "burnline/slo"

// Labels are what routes, inhibition rules and silences see of an incident. Those of an
// outside alert are its own. An SLO's incident has the owners' labels, those for
// alerts, the group that breached first, and on top of them, so that nobody can
// hide them: alertname (the SLO's name), slo, service, team, journey, severity and
// cause (burn or no_data).
func Labels(in slo.Incident, d *slo.Definition) slo.Labels {
	if outside(in) {
		return alertLabels(in)
	}
	all := map[string]string{}
	name, service, journey := in.SLO, "", ""
	if d != nil {
		for _, labels := range []map[string]string{d.Labels, d.AlertLabels} {
			for k, v := range labels {
				all[k] = v
			}
		}
		name, service, journey = d.Name, d.Service, d.Journey
	}
	for _, l := range in.Group {
		all[l.Name] = l.Value
	}
	cause := in.Cause
	if cause == "" {
		cause = slo.CauseBurn
	}
	for k, v := range map[string]string{nameLabel: name, "slo": in.SLO, "service": service, "team": in.Team,
		"journey": journey, "severity": string(in.Severity), "cause": string(cause)} {
		if v != "" {
			all[k] = v
		}
	}
	pairs := make([]string, 0, 2*len(all))
	for k, v := range all {
		pairs = append(pairs, k, v)
	}
	return slo.NewLabels(pairs...)
}
