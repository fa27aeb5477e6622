package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// DrillStep is one step of a drill that was done.
type DrillStep struct {
	Name string `json:"name"`
	// Note is what is known of it, such as the receiver's answer; may be empty.
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
	// After is how long after the beginning of the drill it was done.
	After time.Duration `json:"after"`
}

// DrillLine is one line of the answer to a drill: a step, or at the end how it ended.
type DrillLine struct {
	Step *DrillStep `json:"step,omitempty"`
	// Done is true in the last line, with the Error of the step that did not come.
	Done  bool   `json:"done,omitempty"`
	Error string `json:"error,omitempty"`
}

// drill runs a drill, and writes each step as a line of JSON when it is done. A client that
// goes away ends it.
func (s *server) drill(c *gin.Context) {
	c.Header("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(c.Writer)
	write := func(l DrillLine) {
		_ = lines.Encode(l) // a client that is gone ends the drill by its context
		c.Writer.Flush()
	}
	c.Status(http.StatusOK)
	err := s.Drill(c.Request.Context(), c.Query("receiver"), func(step DrillStep) { write(DrillLine{Step: &step}) })
	end := DrillLine{Done: true}
	if err != nil {
		end.Error = err.Error()
	}
	write(end)
}

// Drill lets a synthetic SLI fail and recover, see Options.
type Drill func(ctx context.Context, receiver string, step func(DrillStep)) error
