package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

// write prints the result as Markdown.
func write(w io.Writer, o options, ours, theirs rig.Figures, flooded []int64) error {
	t := table.Table{
		Title:  "Spans",
		Header: []string{"", "Burnline", "Collector with span metrics", "ratio"},
		Rows: [][]string{
			{"spans per CPU-second", number(1e6/ours.CPU, 0), number(1e6/theirs.CPU, 0), number(theirs.CPU/ours.CPU, 2)},
			{"CPU-s per million spans", number(ours.CPU, 2), number(theirs.CPU, 2), number(theirs.CPU/ours.CPU, 2)},
			{"spans/s", number(ours.Rate, 0), number(theirs.Rate, 0), number(ours.Rate/theirs.Rate, 2)},
			{"peak memory, MiB", number(ours.Memory, 0), number(theirs.Memory, 0), number(theirs.Memory/ours.Memory, 2)},
		},
	}
	t.Note("OTLP over HTTP: %d spans of 13 attributes a request, 1,000 operations of 20 services, %d connections; the generator runs on the same machine.", o.spans, o.connections)
	t.Note("Burnline counts %d SLOs by four regions each, makes span metrics, samples and stores traces. The collector makes span metrics and throws them away.", o.slos)
	t.Note("Medians of %d runs of %s for each, in turns, each on an empty data folder. A ratio above 1 is in Burnline's favour.", o.rounds, o.measured)
	if len(flooded) > 0 {
		var at []string
		for _, mib := range flooded {
			at = append(at, fmt.Sprint(mib))
		}
		t.Note("Burnline under a flood of span names that are new each time, for %s: resident memory %s MiB after each sixth.", o.flood, strings.Join(at, ", "))
	}
	return t.Write(w)
}

func number(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
