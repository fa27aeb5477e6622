package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// The box of a spark line, in pixels.
const (
	sparkWidth  = 120
	sparkHeight = 24
)

// spark answers with a small picture of a budget over the SLO's window. It is
// an image, so that browsers load it only when its row comes into view.
func (s *server) spark(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	def := s.definition(id)
	if def == nil {
		s.notFound(c)
		return
	}
	to := s.Now()
	chart, err := s.Engine.Chart(id, parseGroup(c.QueryArray("group")), beginning(def.Window, to), to, 60)
	if err != nil {
		s.fail(c, http.StatusNotFound, "This picture can't be drawn.", err.Error())
		return
	}
	c.Header("Cache-Control", "private, max-age=30")
	c.Data(http.StatusOK, "image/svg+xml", []byte(sparkSVG(chart)))
}

// sparkSVG draws what was left of the budget, and the line of nothing left
// when the budget came near it. Its blue is readable on light and dark.
func sparkSVG(chart slo.Chart) string {
	low := 0.0
	for _, p := range chart.Points {
		if p.Remaining != nil && finite(*p.Remaining) {
			low = min(low, max(*p.Remaining, -1))
		}
	}
	y := func(v float64) float64 { return 2 + (1-max(min(v, 1), -1))/(1-low)*(sparkHeight-4) }
	var path strings.Builder
	op, n := "M", max(len(chart.Points)-1, 1)
	for i, p := range chart.Points {
		if p.Remaining == nil || !finite(*p.Remaining) {
			op = "M"
			continue
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", op, float64(i)/float64(n)*(sparkWidth-2)+1, y(*p.Remaining))
		op = "L"
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`+
		`<path d="M0 %.1fH%d" stroke="#888" stroke-opacity=".45" stroke-dasharray="2 3"/>`+
		`<path d="%s" fill="none" stroke="#5b85d9" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/></svg>`,
		sparkWidth, sparkHeight, sparkWidth, sparkHeight, y(0), sparkWidth, path.String())
}
