package explain

import "burnline/slo"

// The verdicts on where events fail.
const (
	VerdictCauses     = "causes"
	VerdictEverywhere = "everywhere"
	VerdictUnknown    = "unknown"
)

// Found is where events fail, as programs are told it.
type Found struct {
	// Verdict is causes, everywhere or unknown.
	Verdict string `json:"verdict"`
	// Where is null where the verdict is unknown.
	Where *Where `json:"where"`
}

// Answer is where the events of an SLO fail, as programs are told it.
type Answer struct {
	SLO string `json:"slo"`
	// From and To bound the events that were compared, and Incident is the key of the one that
	// they were taken from; "" where they were asked for.
	From     int64               `json:"from"`
	To       int64               `json:"to"`
	Incident string              `json:"incident"`
	Groups   []map[string]string `json:"groups"`
	Found
}

// Where is slo.Where as programs are told it.
type Where struct {
	Everywhere   bool          `json:"everywhere"`
	Events       float64       `json:"events"`
	Sampled      bool          `json:"sampled"`
	Attributes   []string      `json:"attributes"`
	Explanations []Explanation `json:"explanations"`
}

// Explanation is slo.Explanation as programs are told it.
type Explanation struct {
	Labels  map[string]string `json:"labels"`
	Failed  float64           `json:"failed"`
	Total   float64           `json:"total"`
	Ratio   float64           `json:"ratio"`
	Outside float64           `json:"outside"`
	// Baseline is null where nothing is known of before.
	Baseline *float64 `json:"baseline"`
	Share    float64  `json:"share"`
	Score    float64  `json:"score"`
}

// NewFound says what was found; nothing, and what neither names a cause nor is everywhere, is unknown.
func NewFound(w *slo.Where) Found {
	switch {
	case w == nil:
	case len(w.Explanations) > 0:
		return Found{VerdictCauses, NewWhere(w)}
	case w.Everywhere:
		return Found{VerdictEverywhere, NewWhere(w)}
	}
	return Found{Verdict: VerdictUnknown}
}

// NewWhere is what was found; nil for nothing.
func NewWhere(w *slo.Where) *Where {
	if w == nil {
		return nil
	}
	out := &Where{
		Everywhere: w.Everywhere, Events: w.Events, Sampled: w.Sampled,
		Attributes: append([]string{}, w.Attributes...), Explanations: []Explanation{},
	}
	for _, e := range w.Explanations {
		one := Explanation{
			Labels: e.Labels.Map(), Failed: e.Failed, Total: e.Total, Ratio: e.Ratio, Outside: e.Outside,
			Share: e.Share, Score: e.Score,
		}
		if e.Baseline >= 0 {
			one.Baseline = &e.Baseline
		}
		out.Explanations = append(out.Explanations, one)
	}
	return out
}
