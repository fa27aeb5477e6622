package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// route is one line of the table of routes.
type route struct {
	method, path string
	handlers     []gin.HandlerFunc
}

// routes is the one list of what this package answers itself. A test holds it
// against api/openapi.json.
func (s *server) routes() []route {
	get := func(path string, h gin.HandlerFunc) route {
		return route{http.MethodGet, path, []gin.HandlerFunc{secured, h}}
	}
	rs := []route{
		get("/", s.overviewPage),
		get("/slo/*id", s.sloPage),
		get("/incidents", s.incidentsPage),
		get("/incidents/:key", s.incidentPage),
		get("/system", s.systemPage),
		get("/spark/*id", s.spark),
		get("/assets/:version/*file", s.asset),
		get("/favicon.ico", s.favicon),

		get("/api/openapi.json", s.openAPI),
		get("/api/v1/slos", s.apiSLOs),
		get("/api/v1/slos/*id", s.apiSLO),
		get("/api/v1/charts/*id", s.apiChart),
		get("/api/v1/incidents", s.apiIncidents),
		get("/api/v1/incidents/:key", s.apiIncident),
		get("/api/v1/health", s.apiHealth),
		get("/api/v1/events", s.apiEvents),

		get("/-/healthy", s.healthy),
		get("/-/ready", s.ready),
	}
	if s.Corrections != nil {
		const path = "/api/v1/corrections"
		rs = append(rs, get("/corrections", s.correctionsPage), get(path, s.apiCorrections),
			route{http.MethodPost, path, []gin.HandlerFunc{secured, s.apiCorrect}},
			route{http.MethodDelete, path + "/:id", []gin.HandlerFunc{secured, s.apiUncorrect}})
	}
	if s.Silences != nil {
		const path = "/api/v1/silences"
		rs = append(rs, get("/silences", s.silencesPage),
			route{http.MethodPost, "/silences", []gin.HandlerFunc{secured, s.silenceNow}},
			route{http.MethodPost, "/silences/:id/expire", []gin.HandlerFunc{secured, s.unsilenceNow}},
			get(path, s.apiSilences), get(path+"/:id", s.apiSilence),
			route{http.MethodPost, path, []gin.HandlerFunc{secured, s.apiSilenceNow}},
			route{http.MethodPost, path + "/preview", []gin.HandlerFunc{secured, s.apiSilencePreview}},
			route{http.MethodDelete, path + "/:id", []gin.HandlerFunc{secured, s.apiUnsilence}})
	}
	rs = append(rs, s.traceRoutes()...)
	if s.Acknowledge != nil {
		rs = append(rs, route{http.MethodPost, "/incidents/:key/acknowledge", []gin.HandlerFunc{secured, s.acknowledgeForm}},
			route{http.MethodPost, "/api/v1/incidents/:key/acknowledge", []gin.HandlerFunc{secured, s.apiAcknowledge}})
	}
	if s.Changes != nil {
		const path = "/api/v1/changes"
		rs = append(rs, get("/changes", s.changesPage), get(path, s.apiChanges), route{http.MethodPost, path, []gin.HandlerFunc{secured, s.apiChange}})
	}
	if s.Drills != nil {
		rs = append(rs, get("/api/v1/drills", s.apiDrills), route{http.MethodPost, "/-/drill", []gin.HandlerFunc{secured, s.drill}})
	}
	if s.Shadow != nil {
		const path = "/api/v1/shadow"
		rs = append(rs, get("/shadow", s.shadowPage), get("/shadow.csv", s.shadowCSV), get(path, s.apiShadow),
			route{http.MethodPost, path + "/alertmanager", []gin.HandlerFunc{secured, s.apiShadowTake}})
	}
	if s.Reload != nil {
		rs = append(rs, route{http.MethodPost, "/-/reload", []gin.HandlerFunc{secured, s.reload}})
	}
	return rs
}

// healthy says that the process answers.
func (s *server) healthy(c *gin.Context) { c.String(http.StatusOK, "Burnline is up.\n") }

// ready says whether Burnline takes in and judges, and if not, what it waits for. An SLO that
// still catches up with what is stored says so itself, as does the system page: data has to come in meanwhile.
func (s *server) ready(c *gin.Context) {
	note, err := s.Ready()
	if err != nil {
		c.String(http.StatusServiceUnavailable, "Not ready: %s\n", err)
		return
	}
	c.String(http.StatusOK, "Burnline is ready.\n")
	if note != "" {
		c.String(http.StatusOK, "The state is degraded: %s\n", note)
	}
}

// reload reads the configuration and the SLO files again. A refused reload
// keeps the set in force and answers 422 with every finding.
func (s *server) reload(c *gin.Context) {
	if err := s.Reload(); err != nil {
		c.String(http.StatusUnprocessableEntity, "Nothing was changed; the previous set is still in force.\n%s\n", err)
		return
	}
	c.String(http.StatusOK, "Reloaded.\n")
}
