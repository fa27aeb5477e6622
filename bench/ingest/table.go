package main

import (
	"fmt"
	"strings"
)

// table is the result as Markdown.
func table(o options, ours, theirs figures) string {
	var b strings.Builder
	body := "plain bodies"
	if o.gzip {
		body = "gzip bodies"
	}
	fmt.Fprintf(&b, "OTLP over HTTP into the whole binary, %s: %d series, %d points a request, %d connections, %s; the generator runs on the same machine. Medians of %d runs of %s in turns, each on an empty data folder. Ratios above 1 are in Burnline's favour.\n\n",
		o.kind, o.series, o.points, o.connections, body, o.rounds, o.measured)
	b.WriteString("| | Burnline | Prometheus | ratio |\n|---|---:|---:|---:|\n")
	fmt.Fprintf(&b, "| points/s | %.0f | %.0f | %.2f |\n", ours.rate, theirs.rate, ours.rate/theirs.rate)
	fmt.Fprintf(&b, "| CPU-s per million points | %.2f | %.2f | %.2f |\n", ours.cpu, theirs.cpu, theirs.cpu/ours.cpu)
	fmt.Fprintf(&b, "| peak memory, MiB | %.0f | %.0f | %.2f |\n", ours.memory, theirs.memory, theirs.memory/ours.memory)
	return b.String()
}
