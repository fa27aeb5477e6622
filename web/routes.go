package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/jsonschema-go/jsonschema"

	"burnline/internal/auth"
)

// access says what a route does; who may do that follows from it.
type access = auth.Access

// What routes do, see package auth.
const (
	toAll    = auth.ToAll
	toShow   = auth.ToShow
	toOwn    = auth.ToOwn
	toChange = auth.ToChange
	toRule   = auth.ToRule
	toFeed   = auth.ToFeed
)

// concern tells which teams a request concerns, by its path and body; "" is something that
// belongs to no team. What is not there concerns nobody. The body can be read again after it.
type concern func(*gin.Context) ([]string, error)

// route is one line of the table of routes.
type route struct {
	// method is that of HTTP; "" takes every one.
	method, path string
	access       access
	handler      gin.HandlerFunc
	// concerns tells which teams a request concerns; every route toChange has it.
	concerns concern
	// act says in words what a route does that changes something, such as "acknowledge an incident".
	act string
	// audited says that a GET of it belongs into the audit log too.
	audited bool
	// guessed says of a route to all that strangers try it again and again, as signing in, so that it
	// is bounded as pages are.
	guessed bool
	// within says what a request to a tree of others does, by its method and path; nil where the
	// route is one thing.
	within func(method, path string) (access, string)
	// api describes the route where it belongs to the JSON API; nil for pages and for what
	// speaks the language of others.
	api *operation
}

// streams reports whether the route answers for as long as somebody listens.
func (r route) streams() bool {
	return r.api != nil && (r.api.media == asEvents || r.api.media == asLines)
}

// operation is a route as the description of the API tells of it.
type operation struct {
	// summary says in one sentence what the route is for.
	summary string
	// query are the parameters in its address, by name with what each means, and needs those that
	// have to be there. Names within the path have their words in pathTexts.
	query map[string]string
	needs []string
	// kinds say of parameters what they may be, where that is not any text.
	kinds params
	// body and answer are values of the types that are read and written; nil where there are none.
	body, answer any
	// media is what answer is written as: JSON where it is "".
	media string
	// made is the status of a success: 200 where it is 0.
	made int
	// also says when each other status comes, beside those that every such route may answer, and
	// with are the types of those that are not errorJSON.
	also map[int]string
	with map[int]any
	// tail follows a path that ends in a wildcard, and under are further operations of the same route.
	tail  string
	under []operation
}

// params are what parameters may be, by name.
type params = map[string]*jsonschema.Schema

// view is a route that shows a page, or a part of one.
func view(path string, h gin.HandlerFunc) route {
	return route{method: http.MethodGet, path: path, access: toShow, handler: h}
}

// api is a route of the JSON API.
func api(method, path string, a access, h gin.HandlerFunc, o operation) route {
	return route{method: method, path: path, access: a, handler: h, api: &o}
}

// form is a route that a page's form is sent to.
func form(path string, a access, h gin.HandlerFunc) route {
	return route{method: http.MethodPost, path: path, access: a, handler: h}
}

// does says in words what the route changes, and for which teams; without a concern for all.
func (r route) does(act string, c concern) route {
	r.act, r.concerns = act, c
	return r
}

// mounted are the routes of a handler that sees the whole path; none without a handler.
func mounted(path string, a access, h http.Handler) []route {
	if h == nil {
		return nil
	}
	return []route{{path: path, access: a, handler: gin.WrapH(h)}}
}

// tree are the routes of a handler that holds reads and writes, see mountedAccess; none without a
// handler.
func tree(path string, h http.Handler, c concern) []route {
	rs := mounted(path, toRule, h)
	for i := range rs {
		rs[i].within, rs[i].concerns = mountedAccess, c
	}
	return rs
}

// routes is the one list of all that is answered. The description of the API is made of it, and tests
// hold it against the rules of who may do what.
func (s *server) routes() []route {
	rs := []route{
		view("/", s.overviewPage),
		view("/slo/*id", s.sloPage),
		view("/incidents", s.incidentsPage),
		view("/incidents/:key", s.incidentPage),
		view("/system", s.systemPage),
		view("/runbooks/:pack", s.runbook),
		view("/spark/*id", s.spark),
		{method: http.MethodGet, path: "/assets/:version/*file", access: toAll, handler: s.asset},
		{method: http.MethodGet, path: "/favicon.ico", access: toAll, handler: s.favicon},
	}
	for _, more := range [][]route{
		s.signInRoutes(), s.accountRoutes(), s.accessRoutes(), s.auditRoutes(),
		s.apiRoutes(), s.processRoutes(),
		s.correctionRoutes(), s.silenceRoutes(), s.maintenanceRoutes(), s.traceRoutes(), s.acknowledgeRoutes(), s.changeRoutes(), s.drillRoutes(), s.backupRoutes(), s.doctorRoutes(), s.shadowRoutes(), s.whereRoutes(), s.whatIfRoutes(), s.heatRoutes(),
		s.reviewRoutes(),
		s.statusRoutes(),
		s.reportRoutes(),
		s.teamRoutes(),
		mounted("/metrics", toShow, s.Metrics),
		tree("/prometheus/api/v1/*path", s.Prometheus, nil),
		tree("/alertmanager/api/v2/*path", s.Alertmanager, s.ofAlertmanager),
		tree("/tempo/*path", s.Tempo, nil),
		mounted("/api/v1/pagerduty/webhook", toAll, s.PagerDuty),
		mounted("/api/v1/slack/interactions", toAll, s.Slack),
	} {
		rs = append(rs, more...)
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

// started says whether the start is over, for what ends a process whose start fails: unlike ready it does not depend on
// room on the disk, which a further start does not make.
func (s *server) started(c *gin.Context) {
	if err := s.Started(); err != nil {
		c.String(http.StatusServiceUnavailable, "Not started: %s\n", err)
		return
	}
	c.String(http.StatusOK, "Burnline has started.\n")
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
