package main

import (
	"io"
	"strconv"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

// write prints the result as Markdown.
func write(w io.Writer, o options, ours, theirs, guarded rig.Figures) error {
	t := table.Table{
		Title:  "OTLP ingest",
		Header: []string{"", "Burnline", "Prometheus", "ratio", "Burnline, with a token"},
		Rows: [][]string{
			{"points/s", number(ours.Rate, 0), number(theirs.Rate, 0), number(ours.Rate/theirs.Rate, 2), number(guarded.Rate, 0)},
			{"CPU-s per million points", number(ours.CPU, 2), number(theirs.CPU, 2), number(theirs.CPU/ours.CPU, 2), number(guarded.CPU, 2)},
			{"peak memory, MiB", number(ours.Memory, 0), number(theirs.Memory, 0), number(theirs.Memory/ours.Memory, 2), number(guarded.Memory, 0)},
		},
	}
	body := "plain"
	if o.gzip {
		body = "gzip"
	}
	t.Note("OTLP over HTTP into the whole binary: %d series (%s), %d points a request, %d connections, %s bodies; the generator runs on the same machine.",
		o.series, o.kind, o.points, o.connections, body)
	t.Note("Medians of %d runs of %s for each server, in turns, each on an empty data folder. A ratio above 1 is in Burnline's favour.", o.rounds, o.measured)
	t.Note("With a token: ingest.auth is required, and every request brings a token of a file (docs/access.md); the one that is measured against Prometheus takes from whoever reaches it.")
	t.Note("%s, with the out-of-order window, exemplars and promoted attributes that Burnline has by default.", o.peer)
	return t.Write(w)
}

func number(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
