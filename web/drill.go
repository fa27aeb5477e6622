package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting/drills"
)

// DrillLine is one line of the answer to a drill: a step, or at the end how it ended.
type DrillLine struct {
	Step *drills.Step `json:"step,omitempty"`
	// Done is true in the last line, with the Error of the step that did not come.
	Done  bool   `json:"done,omitempty"`
	Error string `json:"error,omitempty"`
}

// drillTime bounds the answer to a drill, each of whose steps has a shorter time of its own.
const drillTime = 30 * time.Minute

// drill runs a drill of paging.
func (s *server) drill(c *gin.Context) {
	s.ran(func() Drills { return s.Drills })(c)
}

// ran runs a drill of a kind, and writes each step as a line of JSON when it is done. A client that goes
// away ends it.
func (s *server) ran(of func() Drills) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Content-Type", "application/x-ndjson")
		lines := json.NewEncoder(c.Writer)
		lasting(c, drillTime)
		write := func(l DrillLine) {
			_ = lines.Encode(l) // a client that is gone ends the drill by its context
			c.Writer.Flush()
		}
		c.Status(http.StatusOK)
		err := of().ByHand(c.Request.Context(), c.Query("receiver"), func(step drills.Step) { write(DrillLine{Step: &step}) })
		end := DrillLine{Done: true}
		if err != nil {
			end.Error = err.Error()
		}
		write(end)
	}
}

// Drills runs drills, and knows of those that were and of the next.
type Drills interface {
	// ByHand lets a synthetic SLI fail and recover on the way of every page, and tells its
	// steps as they are done. The error says which one did not come.
	ByHand(ctx context.Context, receiver string, tell func(drills.Step)) error
	// List returns the newest drills, the one that is to come among them, the newest first.
	List() []drills.Drill
}

// drillJSON is a drill with how it stands.
type drillJSON struct {
	drills.Drill
	Result string `json:"result"`
}

// drillsJSON are drills, the newest first.
type drillsJSON struct {
	Drills []drillJSON `json:"drills"`
}

// apiDrills lists the newest drills.
func (s *server) apiDrills(c *gin.Context) { c.JSON(http.StatusOK, drillsJSON{drillsOf(s.Drills)}) }

// drillsOf are the newest of a kind.
func drillsOf(of Drills) []drillJSON {
	out := []drillJSON{}
	for _, d := range of.List() {
		out = append(out, drillJSON{d, d.Result()})
	}
	return out
}

// drillRoutes run drills and list them; none where there are none.
func (s *server) drillRoutes() []route {
	if s.Drills == nil {
		return nil
	}
	return []route{
		api(http.MethodGet, "/api/v1/drills", toShow, s.apiDrills, operation{summary: "The newest drills with their steps, and the next that is scheduled; the newest first", answer: drillsJSON{}}),
		api(http.MethodPost, "/-/drill", toRule, s.drill, operation{summary: "Run a drill: a synthetic SLI fails, pages and recovers. A line of JSON a step, while it goes on",
			query: map[string]string{"receiver": "who gets the page; without it routes decide"}, answer: DrillLine{}, media: asLines, also: map[int]string{http.StatusOK: "Its steps, and in the last line how it ended"}}).does("run a drill", nil),
	}
}
