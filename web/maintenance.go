package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/maintenance"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Maintenance starts and stops planned work: a correction, a silence and what customers read, as
// one.
type Maintenance interface {
	// Start makes a maintenance. The error is slo.Problems where the request breaks the rules, a
	// *silences.TooWide where it has to be confirmed.
	Start(ctx context.Context, r maintenance.Request) (alerting.Maintenance, error)
	// Stop ends one now. The error is slo.Problems where by is nobody's name,
	// maintenance.ErrUnknown, or maintenance.ErrOver.
	Stop(ctx context.Context, id, by string) (alerting.Maintenance, error)
	// List returns the maintenances that are planned or running, and those that ended after a
	// moment; the last to begin first.
	List(ctx context.Context, since time.Time) ([]alerting.Maintenance, error)
}

// MaintenanceJSON is a maintenance with where it stands.
type MaintenanceJSON struct {
	alerting.Maintenance
	State alerting.MaintenanceState `json:"state"`
	// Concerned are how many SLOs it concerns.
	Concerned int `json:"concerned_slos"`
}

// MaintenancesJSON are maintenances, the last to begin first.
type MaintenancesJSON struct {
	Maintenances []MaintenanceJSON `json:"maintenances"`
}

// MaintenanceStop says who stops a maintenance.
type MaintenanceStop struct {
	By string `json:"by"`
}

// listedMaintenance is for how long a maintenance that is over stays in the list.
const listedMaintenance = 90 * 24 * time.Hour

func (s *server) toMaintenance(m alerting.Maintenance) MaintenanceJSON {
	out := MaintenanceJSON{Maintenance: m, State: m.State(s.Now())}
	for _, d := range s.Engine.Definitions() {
		if m.Concerns(d) {
			out.Concerned++
		}
	}
	return out
}

// apiMaintenances lists maintenances; those that are over where asked to.
func (s *server) apiMaintenances(c *gin.Context) {
	q := struct {
		Over bool `form:"over"`
	}{}
	if err := c.ShouldBindQuery(&q); err != nil {
		s.fail(c, http.StatusBadRequest, "over is true or false.", c.Query("over"))
		return
	}
	since := s.Now()
	if q.Over {
		since = since.Add(-listedMaintenance)
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Maintenance.List(ctx, since)
	if err != nil {
		s.maintenanceFailed(c, err)
		return
	}
	out := MaintenancesJSON{Maintenances: []MaintenanceJSON{}}
	for _, m := range all {
		out.Maintenances = append(out.Maintenances, s.toMaintenance(m))
	}
	c.JSON(http.StatusOK, out)
}

// apiMaintain starts a maintenance.
func (s *server) apiMaintain(c *gin.Context) {
	in, err := maintenance.Decode(http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection))
	if err != nil {
		s.badBody(c, "The body is no maintenance.", err.Error(), err)
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	m, err := s.Maintenance.Start(ctx, in.Request(s.Now()))
	if err != nil {
		s.maintenanceFailed(c, err)
		return
	}
	c.JSON(http.StatusCreated, s.toMaintenance(m))
}

// apiStopMaintenance ends a maintenance.
func (s *server) apiStopMaintenance(c *gin.Context) {
	var in MaintenanceStop
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxAcknowledgement))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		s.badBody(c, "The body does not say who stops it.", `It is such as {"by": "ada"}: `+err.Error(), err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	m, err := s.Maintenance.Stop(ctx, c.Param("id"), s.actorOr(c, in.By))
	if err != nil {
		s.maintenanceFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, s.toMaintenance(m))
}

// maintenanceFailed says what is wrong with a request; all of it at once.
func (s *server) maintenanceFailed(c *gin.Context, err error) {
	var found slo.Problems
	var wide *silences.TooWide
	switch {
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The maintenance can't be taken so; nothing was changed.", err.Error(), found})
	case errors.As(err, &wide):
		c.JSON(http.StatusConflict, wideJSON{"The maintenance is not in force: it has to be confirmed.", err.Error(), wide.Preview})
	case errors.Is(err, maintenance.ErrUnknown):
		s.fail(c, http.StatusNotFound, "No maintenance has this ID.", err.Error())
	case errors.Is(err, maintenance.ErrOver):
		s.fail(c, http.StatusConflict, "The maintenance was not changed.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "Maintenances can't be read or kept at the moment.", err.Error())
	}
}

// maintenanceRoutes start, stop and list maintenances; none where there are none.
func (s *server) maintenanceRoutes() []route {
	if s.Maintenance == nil {
		return nil
	}
	const path = "/api/v1/maintenance"
	return []route{
		form("/maintenance", toChange, s.maintainForm).does("start a maintenance", s.ofMaintenanceForm),
		api(http.MethodGet, path, toShow, s.apiMaintenances, operation{
			summary: "The maintenances that run or are planned, the last to begin first",
			query:   map[string]string{"over": "true lists those that ended within 90 days as well"}, answer: MaintenancesJSON{}, kinds: params{"over": yesNo()},
		}),
		api(http.MethodPost, path, toChange, s.apiMaintain, operation{
			summary: "Start a maintenance, now or later: a correction, a silence and an entry of the status page, all of them or none",
			body:    maintenance.Input{}, answer: MaintenanceJSON{}, made: http.StatusCreated,
			also: map[int]string{http.StatusCreated: "It is planned or in force", http.StatusConflict: "It mutes so much that it has to be confirmed; preview says how much"},
			with: map[int]any{http.StatusConflict: wideJSON{}},
		}).does("plan work", s.ofMaintenanceBody),
		api(http.MethodPost, path+"/:id/stop", toChange, s.apiStopMaintenance, operation{
			summary: "Stop a maintenance now, with its correction and its silence; what is over of it stays out of the budgets",
			body:    MaintenanceStop{}, answer: MaintenanceJSON{}, also: map[int]string{http.StatusConflict: "It is over already"},
		}).does("stop planned work", s.ofMaintenance),
	}
}
