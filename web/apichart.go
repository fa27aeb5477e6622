package web

import (
	"fmt"
	"math"
	"time"

	"burnline/slo"
)

// chartJSON is a chart in columns, as drawing needs it; null is unknown.
type chartJSON struct {
	ID         string            `json:"id"`
	Group      map[string]string `json:"group"`
	From       int64             `json:"from"`
	To         int64             `json:"to"`
	Step       float64           `json:"step_seconds"`
	T          []int64           `json:"t"`
	Total      []float64         `json:"total"`
	Good       []float64         `json:"good"`
	Rate       []float64         `json:"rate"`
	Ratio      []*float64        `json:"error_ratio"`
	Remaining  []*float64        `json:"remaining"`
	Ideal      []float64         `json:"ideal"`
	Windows    []string          `json:"windows"`
	Burns      [][]*float64      `json:"burns"`
	Thresholds []thresholdJSON   `json:"thresholds"`
	Summary    map[string]string `json:"summary"`
	// Corrections are those that take out some of the time shown.
	Corrections []appliedJSON `json:"corrections"`
	// Versions are the changes of the definition within the time shown.
	Versions []versionMark `json:"versions"`
	// Changes are what was deployed, switched or configured within it.
	Changes []changeMark `json:"changes"`
	// Incidents are those of the group that were open within it, the newest first.
	Incidents []incidentMark `json:"incidents"`
}

// thresholdJSON is the burn rate above which a policy fires.
type thresholdJSON struct {
	Severity slo.Severity `json:"severity"`
	Long     string       `json:"long"`
	Short    string       `json:"short"`
	Factor   float64      `json:"factor"`
}

// charted is a chart with what is needed to explain it.
type charted struct {
	slo.Chart
	row
	// past is true when the chart does not end now.
	past bool
}

// toChart turns a chart into columns and says in words what they show.
func toChart(ch charted) chartJSON {
	d := ch.Def
	out := chartJSON{ID: ch.Chart.ID, Group: ch.Group.Map(), From: ch.From.Unix(), To: ch.To.Unix(), Step: ch.Step.Seconds(),
		T: []int64{}, Windows: []string{}, Burns: make([][]*float64, len(ch.Windows)), Thresholds: []thresholdJSON{}}
	for i, w := range ch.Windows {
		out.Windows = append(out.Windows, window(w))
		out.Burns[i] = []*float64{}
	}
	for _, p := range d.Policies {
		out.Thresholds = append(out.Thresholds, thresholdJSON{p.Severity, window(p.Long), window(p.Short), p.Factor})
	}
	for _, p := range ch.Points {
		out.T = append(out.T, p.T.Unix())
		out.Total = append(out.Total, p.Counts.Total)
		out.Good = append(out.Good, p.Counts.Good)
		out.Rate = append(out.Rate, p.Rate)
		out.Ratio = append(out.Ratio, known(p.Ratio))
		out.Remaining = append(out.Remaining, known(p.Remaining))
		out.Ideal = append(out.Ideal, ch.ideal(p))
		for i := range ch.Windows {
			var v *float64
			if i < len(p.Burns) {
				v = known(p.Burns[i])
			}
			out.Burns[i] = append(out.Burns[i], v)
		}
	}
	out.Summary = map[string]string{"budget": budgetSummary(ch), "burn": burnSummary(ch.Chart), "errors": errorSummary(ch.Chart)}
	return out
}

// known drops what JSON can't carry.
func known(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// young returns since when data covers the window that the chart ends with, and
// whether that is only a part of it.
func (ch charted) young() (since time.Time, ok bool) {
	b := ch.Status.Budget
	since = ch.Status.At.Add(-b.Elapsed)
	// A calendar window is never whole before it ends; it is young where data came
	// after its beginning.
	late := since.After(beginning(ch.Def.Window, ch.Status.At).Add(time.Second))
	return since, late && b.Projected && b.Elapsed > 0 && since.Before(ch.To) && ch.To.Sub(since) < ch.Def.Window.Length(ch.To)
}

// ideal is what spending the budget evenly would have left. In a young window
// nothing was spent before data came, so that the same line begins there.
func (ch charted) ideal(p slo.ChartPoint) float64 {
	since, ok := ch.young()
	if !ok {
		return p.Ideal
	}
	return min(1, 1-p.T.Sub(since).Seconds()/ch.Def.Window.Length(ch.To).Seconds())
}

// budgetSummary reads the budget chart aloud.
func budgetSummary(ch charted) string {
	var last *slo.ChartPoint
	for i := range ch.Points {
		if known(ch.Points[i].Remaining) != nil {
			last = &ch.Points[i]
		}
	}
	if last == nil {
		return "No budget is known in this time."
	}
	is, now := "is", "now"
	if ch.past {
		is, now = "was", "then"
	}
	text := fmt.Sprintf("%s of the error budget %s left.", left(*last.Remaining), is)
	since, young := ch.young()
	// At the end of a window that is covered, an even pace has left nothing:
	// that says nothing about this one.
	if young {
		text = fmt.Sprintf("%s of the error budget %s left; spending it evenly over the window would have left %s by %s.",
			left(*last.Remaining), is, left(ch.ideal(*last)), now)
	}
	whole := ch.Def.Window.Length(ch.To)
	if p := periodOf(ch.Def.Window, ch.To); p != nil && !young {
		return text + fmt.Sprintf(" Spending it evenly over %s would have left %s by %s.", p.Name, left(last.Ideal), now)
	}
	shown := ch.To.Sub(ch.From).Round(time.Second)
	switch {
	case young:
		text += fmt.Sprintf(" Shown are %s of the %s window; data covers %s of it.", span(shown), windowOf(ch.Def.Window), span(ch.To.Sub(since).Round(time.Second)))
	case shown < whole:
		text += fmt.Sprintf(" Shown are %s of the %s window.", span(shown), windowOf(ch.Def.Window))
	}
	return text
}

// burnSummary reads the burn chart aloud: the newest value of each window and
// the highest of the shortest.
func burnSummary(ch slo.Chart) string {
	text := ""
	for i, w := range ch.Windows {
		var last, top *float64
		var topAt time.Time
		for _, p := range ch.Points {
			if i >= len(p.Burns) || known(p.Burns[i]) == nil {
				continue
			}
			last = p.Burns[i]
			if top == nil || *last > *top {
				top, topAt = last, p.T
			}
		}
		switch {
		case last == nil:
			continue
		case text == "":
			text = fmt.Sprintf("Burn at the end: %s over %s (highest %s at %s)", burnRate(*last), window(w), burnRate(*top), topAt.UTC().Format("2006-01-02T15:04Z"))
		default:
			text += fmt.Sprintf(", %s over %s", burnRate(*last), window(w))
		}
	}
	if text == "" {
		return "No burn is known in this time."
	}
	return text + "."
}

// errorSummary reads the error chart aloud.
func errorSummary(ch slo.Chart) string {
	var top *slo.ChartPoint
	var counts slo.Counts
	for i := range ch.Points {
		p := &ch.Points[i]
		counts.Good += p.Counts.Good
		counts.Total += p.Counts.Total
		if known(p.Ratio) != nil && (top == nil || *p.Ratio > *top.Ratio) {
			top = p
		}
	}
	if top == nil {
		return "No events happened in this time."
	}
	s := fmt.Sprintf("%s of %s events were bad.", count(counts.Bad()), count(counts.Total))
	if *top.Ratio > 0 {
		s += fmt.Sprintf(" The worst step had %s bad at %s.", percent(*top.Ratio), top.T.UTC().Format("2006-01-02T15:04Z"))
	}
	return s
}
