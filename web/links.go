package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// escapedID escapes an SLO's ID for a path and keeps its slashes.
func escapedID(id string) string {
	parts := strings.Split(id, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// groupQuery writes a group as repeated group=name=value parameters.
func groupQuery(ls slo.Labels) url.Values {
	q := url.Values{}
	for _, l := range ls {
		q.Add("group", l.Name+"="+l.Value)
	}
	return q
}

// parseGroup reads what groupQuery wrote.
func parseGroup(values []string) slo.Labels {
	var pairs []string
	for _, v := range values {
		if name, value, ok := strings.Cut(v, "="); ok {
			pairs = append(pairs, name, value)
		}
	}
	return slo.NewLabels(pairs...)
}

// address joins a path and a query.
func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// sloHref is the page of one group of an SLO.
func sloHref(id string, group slo.Labels) string {
	return address("/slo/"+escapedID(id), groupQuery(group))
}

// labelHref lists the SLOs that carry a label.
func labelHref(l slo.Label) string {
	return choice{Labels: []slo.Label{l}, Sort: usualOrder, Size: sizes()[0]}.href()
}

// sparkHref is the small picture of a group's budget.
func sparkHref(id string, group slo.Labels) string {
	return address("/spark/"+escapedID(id), groupQuery(group))
}

// incidentHref is the page of an incident.
func incidentHref(key string) string { return "/incidents/" + url.PathEscape(key) }

// incidentRange is the stretch to look at for an incident: as long before and
// after it as it lasted, at least ten minutes.
func incidentRange(in slo.Incident, now time.Time) (from, to time.Time) {
	end := in.Closed
	if end.IsZero() {
		end = now
	}
	margin := max(end.Sub(in.Started), 10*time.Minute)
	from, to = in.Started.Add(-margin), end.Add(margin)
	if to.After(now) {
		to = now
	}
	return from, to
}

// incidentSLOHref is the page of one group of the SLO at the incident's time.
func incidentSLOHref(r alerting.Record, group slo.Labels, now time.Time) string {
	from, to := incidentRange(r.Incident, now)
	q := groupQuery(group)
	q.Set("from", strconv.FormatInt(from.Unix(), 10))
	q.Set("to", strconv.FormatInt(to.Unix(), 10))
	return address("/slo/"+escapedID(r.Incident.SLO), q)
}

// parseTime reads Unix seconds or RFC 3339.
func parseTime(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 && n < 1<<40 {
		return time.Unix(n, 0).UTC(), true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err == nil
}

// safeHref returns the address when a browser may follow it, else "".
func safeHref(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return s
}
