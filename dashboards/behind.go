package dashboards

import (
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

// behind are panels of what the SLO counts, with the traces behind the values; none where what it counts
// carries no traces.
func behind(d *slo.Definition) []panel {
	switch {
	case d.SLI.Latency != nil:
		return []panel{latencyPanel(d)}
	case d.SLI.Spans != nil:
		return []panel{spansPanel(d)}
	}
	return nil
}

// latencyPanel is how long events take, and how long they may.
func latencyPanel(d *slo.Definition) panel {
	unit := "s"
	if slo.HistogramUnit(d.SLI.Latency.Histogram.Name) == time.Millisecond {
		unit = "ms"
	}
	p := chart("How long it takes", "The line is what is promised. Dots are traces to open, where the histogram carries them.", unit,
		target{expr: durations(d, 0.5), legend: "half are faster"},
		target{expr: durations(d, 0.95), legend: "95 % are faster", exemplars: true},
		target{expr: durations(d, 0.99), legend: "99 % are faster"}).wide(gridWidth)
	p.lines, p.thresholds = true, []threshold{{nil, grey}, {ptr(d.SLI.Latency.Bound()), red}}
	return p
}

// durations is a quantile of the SLO's histogram, be it classic or native.
func durations(d *slo.Definition, q float64) string {
	classic, native := d.SLI.Latency.Histogram, d.SLI.Latency.Histogram
	classic.Name += "_bucket"
	at := "histogram_quantile(" + strconv.FormatFloat(q, 'g', -1, 64) + ", "
	return at + sumRateBy("le", chosenOf(d, classic)) + ") or " + at + "sum(" + rate(chosenOf(d, native)) + "))"
}

// chosenOf is a selector of the SLO's, narrowed by the variables of its group labels.
func chosenOf(d *slo.Definition, s slo.Selector) string {
	text := literal(s.String())
	var chosen []string
	for _, label := range groupLabels(d) {
		chosen = append(chosen, chosenIs(label))
	}
	if len(chosen) == 0 {
		return text
	}
	if open, ok := strings.CutSuffix(text, "}"); ok {
		return open + "," + strings.Join(chosen, ",") + "}"
	}
	return text + braces(chosen...)
}

// spansPanel is the spans that the SLO judged, with traces of bad ones.
func spansPanel(d *slo.Definition) panel {
	spans := func(outcome string) string {
		return "sum(" + rate(slo.SpanEvents+braces(selector(d), "outcome="+strconv.Quote(outcome))) + ")"
	}
	return chart("Spans judged", "Spans a second that were counted as they came, late ones in their own minutes. Dots are bad traces to open.", "cps",
		target{expr: spans("good"), legend: "good"},
		target{expr: spans("bad"), legend: "bad", exemplars: true}).wide(gridWidth).mayLack("No span was judged yet.")
}
