package web

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// Heat reads how long the requests of one group of a latency SLO took in (from, to], in at most so
// many steps; none where its histogram has no samples.
type Heat func(ctx context.Context, d *slo.Definition, group slo.Labels, from, to time.Time, steps int) ([]slo.HeatStep, error)

const (
	// heatSteps and heatRows bound the cells of a picture.
	heatSteps, heatRows = 60, 20
	// heatTimeout bounds one read of a histogram.
	heatTimeout = 10 * time.Second
	// heatTop is the height of a row of the picture, in pixels.
	heatTop = 16
)

// heatJSON is how long requests took over time. The last of Bounds may be null, which is no bound.
type heatJSON struct {
	ID    string            `json:"id"`
	Group map[string]string `json:"group"`
	// Threshold is what a good request takes at most, in seconds.
	Threshold float64 `json:"threshold_seconds"`
	// T are the ends of the steps, in Unix seconds.
	T []int64 `json:"t"`
	// Bounds are the upper bounds of the rows, in seconds, ascending.
	Bounds []*float64 `json:"bounds_seconds"`
	// Counts are the requests by step and row.
	Counts  [][]float64 `json:"counts"`
	Summary string      `json:"summary"`
}

// heatModel is the model of the page with the picture.
type heatModel struct {
	row
	Sentence string
	From, To time.Time
	Back     string
	Picture  heatPicture
}

// heatPicture is the picture, in a box of 1,000 units by Height.
type heatPicture struct {
	Height int
	Labels []string
	Cells  []heatCell
	// Line is where the threshold is, from the top; Threshold is it in words.
	Line      int
	Threshold string
	// Step is the time that a column stands for, and Most the requests of the fullest cell.
	Step time.Duration
	Most float64
	// AnySlow says that a row is above the threshold.
	AnySlow bool
}

// Shades are those of cells, from few requests to the most.
func (heatPicture) Shades() []int { return []int{1, 2, 3, 4, 5} }

// heatCell is one cell; Shade is 1 for few requests to 5 for the most.
type heatCell struct {
	X, Width float64
	Y        int
	Shade    int
	Slow     bool
}

// heatRoutes are the picture and its data; none where no histograms are read.
func (s *server) heatRoutes() []route {
	if s.Heat == nil {
		return nil
	}
	return []route{
		view("/heat/*id", s.heatPage),
		api(http.MethodGet, "/api/v1/heatmaps/*id", toShow, s.apiHeat, operation{summary: "How long the requests of a latency SLO took over time, by the buckets of its histogram", answer: heatJSON{},
			query: map[string]string{"group": labelsText, "from": timeText, "to": timeText + "; default now", "range": "a length that ends at to, such as 6h, instead of from; default 6h"},
			kinds: params{"group": repeated()},
			also:  map[int]string{http.StatusNotFound: "No latency SLO has this ID", http.StatusServiceUnavailable: "The histogram can't be read"}}),
	}
}

// heatAsked reads the SLO, group and time of a request; false where it said what is wrong.
func (s *server) heatAsked(c *gin.Context) (d *slo.Definition, group slo.Labels, cr chartRange, ok bool) {
	id := strings.Trim(c.Param("id"), "/")
	if d = s.definition(id); d == nil || d.SLI.Latency == nil {
		s.fail(c, http.StatusNotFound, "No latency SLO has this ID.", id)
		return nil, nil, cr, false
	}
	return d, parseGroup(c.QueryArray("group")), parseRange(c.Query("from"), c.Query("to"), c.Query("range"), min(usualRange, d.Window.Nominal()), s.Now()), true
}

// heatOf reads the histogram of an SLO into rows.
func (s *server) heatOf(c *gin.Context, d *slo.Definition, group slo.Labels, cr chartRange) (slo.Heat, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), heatTimeout)
	defer cancel()
	steps, err := s.Heat(ctx, d, group, cr.from, cr.to, heatSteps)
	return slo.NewHeat(steps, d.SLI.Latency.Threshold.Seconds(), heatRows), err
}

func (s *server) apiHeat(c *gin.Context) {
	d, group, cr, ok := s.heatAsked(c)
	if !ok {
		return
	}
	h, err := s.heatOf(c, d, group, cr)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "The histogram can't be read.", err.Error())
		return
	}
	out := heatJSON{ID: d.ID, Group: group.Map(), Threshold: d.SLI.Latency.Threshold.Seconds(), T: []int64{}, Bounds: []*float64{}, Counts: [][]float64{}, Summary: heatSentence(h, d)}
	for i := range h.Bounds {
		out.Bounds = append(out.Bounds, known(&h.Bounds[i]))
	}
	for i, t := range h.Steps {
		out.T, out.Counts = append(out.T, t.Unix()), append(out.Counts, h.Cells[i])
	}
	c.JSON(http.StatusOK, out)
}

// heatPage shows the picture. An SLO's page fetches it after itself, since it reads samples.
func (s *server) heatPage(c *gin.Context) {
	d, group, cr, ok := s.heatAsked(c)
	if !ok {
		return
	}
	m := heatModel{row: row{Def: d, Status: slo.Status{ID: d.ID, Group: group}}, From: cr.from, To: cr.to}
	q := groupQuery(group)
	q.Set("from", unix(cr.from))
	q.Set("to", unix(cr.to))
	m.Back = address("/slo/"+escapedID(d.ID), q)
	h, err := s.heatOf(c, d, group, cr)
	if err != nil {
		m.Sentence = "The histogram can't be read: " + err.Error() + "."
	} else {
		m.Sentence = heatSentence(h, d)
		m.Picture = pictureOf(h, d.SLI.Latency.Threshold, cr)
	}
	s.show(c, http.StatusOK, "heat", "How long "+m.Label()+" took", "slos", m)
}

// pictureOf draws the rows from the slowest at the top to the fastest.
func pictureOf(h slo.Heat, threshold time.Duration, cr chartRange) heatPicture {
	p := heatPicture{Height: heatTop * len(h.Bounds), Line: heatTop * len(h.Bounds), Threshold: span(threshold), Step: heatStep(h.Steps, cr)}
	top := 0.0
	for _, row := range h.Cells {
		top = max(top, slices.Max(append(row, 0)))
	}
	p.Most = math.Round(top)
	for i := range h.Bounds {
		y := p.Height - heatTop*(i+1)
		p.Labels = append(p.Labels, rowText(h.Bounds, i))
		slow := h.Above(i, threshold.Seconds())
		if !slow {
			p.Line = y
		}
		p.AnySlow = p.AnySlow || slow
		for k, row := range h.Cells {
			if row[i] > 0 {
				x, width := cellAt(h.Steps, k, cr)
				p.Cells = append(p.Cells, heatCell{X: x, Width: width, Y: y, Shade: 1 + min(4, int(5*math.Sqrt(row[i]/top)*0.999)), Slow: slow})
			}
		}
	}
	slices.Reverse(p.Labels)
	return p
}

// heatStep is the time between two steps. Those without samples are left out, so it is the least.
func heatStep(steps []time.Time, cr chartRange) time.Duration {
	step := cr.to.Sub(cr.from) / heatSteps
	if len(steps) > 1 {
		step = steps[1].Sub(steps[0])
		for i := 2; i < len(steps); i++ {
			step = min(step, steps[i].Sub(steps[i-1]))
		}
	}
	return step
}

// cellAt places a step on the axis of time, in 1,000 units.
func cellAt(steps []time.Time, k int, cr chartRange) (x, width float64) {
	whole, step := cr.to.Sub(cr.from).Seconds(), heatStep(steps, cr).Seconds()
	x = (steps[k].Sub(cr.from).Seconds() - step) / whole * 1000
	return max(x, 0), step / whole * 1000
}

// rowText names a row by its upper bound.
func rowText(bounds []float64, i int) string {
	if math.IsInf(bounds[i], 1) {
		if i == 0 {
			return "any"
		}
		return "over " + span(seconds(bounds[i-1]))
	}
	return span(seconds(bounds[i]))
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Microsecond)
}

// heatSentence reads the picture aloud.
func heatSentence(h slo.Heat, d *slo.Definition) string {
	half, ok := h.Below(0.5)
	if !ok {
		return "No requests were measured in this time."
	}
	most, _ := h.Below(0.99)
	threshold := d.SLI.Latency.Threshold
	slow, all, worst, at := 0.0, 0.0, 0.0, time.Time{}
	for i := range h.Steps {
		s, n := h.Slow(i, threshold.Seconds())
		slow, all = slow+s, all+n
		if n > 0 && s/n > worst {
			worst, at = s/n, h.Steps[i]
		}
	}
	took := func(bound float64) string {
		if math.IsInf(bound, 1) {
			return "longer than its last bucket"
		}
		return "at most " + span(seconds(bound))
	}
	text := fmt.Sprintf("Half of about %s requests took %s, 99%s%% took %s; %s took longer than %s.", count(math.Round(all)), took(half), nbsp, took(most), percent(slow/all), span(threshold))
	if worst > 0 {
		text += fmt.Sprintf(" The slowest step had %s of them at %s UTC.", percent(worst), at.Format("2 Jan 15:04"))
	}
	return text
}

// heatHref is the picture of what an SLO's page shows.
func (m sloModel) heatHref() string {
	q := groupQuery(m.Status.Group)
	q.Set("from", unix(m.From))
	q.Set("to", unix(m.To))
	return address("/heat/"+escapedID(m.Def.ID), q)
}
