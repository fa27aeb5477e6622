package main

import (
	"fmt"
	"io"
	"time"

	"burnline/bench/table"
)

// writePages prints the storm into PagerDuty keys as Markdown.
func writePages(w io.Writer, o options, size int, of []pageFigures) error {
	t := table.Table{Title: "A storm into PagerDuty keys", Header: []string{"", "Burnline"}}
	if o.peer != "" {
		t.Header = append(t.Header, "Alertmanager")
	}
	row := func(what string, value func(pageFigures) any) {
		cells := []any{what}
		for _, f := range of {
			cells = append(cells, value(f))
		}
		t.Row(cells...)
	}
	row("most events of a key within 60 s (the limit is 120)", func(f pageFigures) any { return f.most })
	row("events that were answered with 429", func(f pageFigures) any { return f.refused })
	row("groups told", func(f pageFigures) any { return fmt.Sprintf("%d of %d", f.told, o.groups) })
	row("after, s", func(f pageFigures) any { return seconds(f.all) })
	row("critical groups told, median / worst, s", func(f pageFigures) any { return spread(f.critical) })
	row("other groups told, median / worst, s", func(f pageFigures) any { return spread(f.others) })
	row("warnings told while something critical waited", func(f pageFigures) any { return f.overtaken })
	row("ends told", func(f pageFigures) any { return fmt.Sprintf("%d of %d", len(f.ends), f.ended) })
	row("ends told, median / worst, s", func(f pageFigures) any { return spread(f.ends) })
	row("page of an SLO that began to burn meanwhile, s", func(f pageFigures) any { return orDash(f.slo) })
	row("messages that sum up what waits", func(f pageFigures) any { return len(f.summaries) })
	row("groups told more than a minute late of which the ledger says why", func(f pageFigures) any { return fmt.Sprintf("%d of %d", f.shown, f.deferred) })
	row("CPU-s", func(f pageFigures) any { return seconds(f.cpu) })
	row("slowest answer of the API, ms", func(f pageFigures) any { return f.latency.Milliseconds() })
	t.Note("%d alerts in %d groups, one group in %d critical and the rest warnings, which are sent first; %d routing keys at a stand-in for PagerDuty that takes 120 events of a key in any 60 s and answers 429 with Retry-After beyond.",
		size, o.groups, oneInCritical, o.keys)
	t.Note("%s after the first alert %d groups of each key end, and an SLO of a service begins to burn, which no Alertmanager knows of. Times of groups count from when all alerts were taken; watched for %s after that.", laterAfter, endedPerKey, o.most)
	for _, f := range of {
		for _, s := range f.summaries[:min(len(f.summaries), 1)] {
			t.Note("A summary: %q", s)
		}
		if f.why != "" {
			t.Note("Of a group that waits `burnline why` says: %q", f.why)
		}
	}
	return t.Write(w)
}

func orDash(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return seconds(d)
}
