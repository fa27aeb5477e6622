package web

import (
	"encoding/json"
	"net/http"

	"burnline/slo"
)

// What parameters mean that more than one route has.
const (
	timeText   = "Unix seconds or RFC 3339"
	labelsText = "name=value, repeated for each label of the group"
	limitText  = "at most so many"
)

// Lists are objects, so that something can stand beside them one day.
type (
	incidentsJSON struct {
		Incidents []incidentJSON `json:"incidents"`
	}
	versionsJSON struct {
		Versions []slo.Version `json:"versions"`
	}
)

// storeAway is why most reads may fail.
const storeAway = "The store of state is away"

// apiRoutes are SLOs, charts, incidents, and how Burnline fares.
func (s *server) apiRoutes() []route {
	under := []operation{{tail: "/versions", summary: "The wordings of one SLO, the oldest first, also of one that is no longer loaded",
		answer: versionsJSON{}, also: map[int]string{http.StatusNotFound: "No SLO has or had this ID", http.StatusServiceUnavailable: storeAway}}}
	if s.Explain != nil {
		under = append(under, explainOperation())
	}
	return []route{
		api(http.MethodGet, "/api/openapi.json", toShow, s.openAPI, operation{summary: "This description", answer: json.RawMessage{}}),
		api(http.MethodGet, "/api/v1/slos", toShow, s.apiSLOs, operation{summary: "SLOs with the statuses of their groups: all, or one page of those that are asked for",
			answer: slosJSON{}, query: slosQuery(), kinds: params{"label": repeated(), "limit": whole(1, maxLimit, 0), "page": whole(1, 1<<20, 1)}}),
		api(http.MethodGet, "/api/v1/slos/*id", toShow, s.apiSLO, operation{summary: "One SLO", answer: sloJSON{},
			also: map[int]string{http.StatusNotFound: "No SLO has this ID"}, under: under}),
		api(http.MethodGet, "/api/v1/charts/*id", toShow, s.apiChart, operation{summary: "The history of one group, in columns", answer: chartJSON{},
			query: map[string]string{"group": labelsText, "from": timeText, "to": timeText + "; default now", "points": "about how many steps",
				"range": "a length that ends at to, such as 6h, instead of from; default the SLO's window"},
			kinds: params{"group": repeated(), "points": whole(2, maxPoints, 300)},
			also:  map[int]string{http.StatusNotFound: "No SLO has this ID, or it has no such group"}}),
		api(http.MethodGet, "/api/v1/incidents", toShow, s.apiIncidents, operation{summary: "Incidents, the newest first", answer: incidentsJSON{},
			query: map[string]string{"find": "only those whose key begins so, or of the SLO or alert of this ID or name", "slo": "only of this SLO",
				"open": "only open ones", "from": timeText, "to": timeText, "limit": limitText},
			kinds: params{"open": yesNo(), "limit": whole(1, 1000, 100)}, also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodGet, "/api/v1/incidents/:key", toShow, s.apiIncident, operation{summary: "One incident with its deliveries", answer: incidentJSON{},
			query: map[string]string{"alerts_from": "how many of the incident's alerts are left out"}, kinds: params{"alerts_from": whole(0, 1<<31-1, 0)},
			also: map[int]string{http.StatusNotFound: "No incident has this key", http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodGet, "/api/v1/health", toShow, s.apiHealth, operation{summary: "How Burnline itself fares", answer: healthJSON{}}),
		api(http.MethodGet, "/api/v1/events", toShow, s.apiEvents, operation{summary: "Live stream of changes: an event named state at once, after each change, and every 15 seconds",
			answer: tick{}, media: asEvents, also: map[int]string{http.StatusServiceUnavailable: "Too many streams are open"}}),
	}
}

// processRoutes are what supervisors and operators ask of the process.
func (s *server) processRoutes() []route {
	rs := []route{
		api(http.MethodGet, "/-/healthy", toAll, s.healthy, operation{summary: "Whether the process answers", media: asText}),
		api(http.MethodGet, "/-/ready", toAll, s.ready, operation{summary: "Whether Burnline takes in, counts and pages", media: asText,
			also: map[int]string{http.StatusServiceUnavailable: "What it waits for, or why samples are refused"}}),
		api(http.MethodGet, "/-/started", toAll, s.started, operation{summary: "Whether the start is over: Burnline counts and pages, also while samples are refused for a full disk", media: asText,
			also: map[int]string{http.StatusServiceUnavailable: "What it waits for"}}),
	}
	if s.Reload != nil {
		rs = append(rs, api(http.MethodPost, "/-/reload", toRule, s.reload, operation{summary: "Read the configuration and the SLO files again", media: asText,
			also: map[int]string{http.StatusUnprocessableEntity: "Every finding; nothing was changed"}}).does("reload the configuration", nil))
	}
	return rs
}
