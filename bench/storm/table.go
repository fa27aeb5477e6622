package main

import (
	"fmt"
	"io"
	"time"

	"burnline/bench/table"
)

// result is one storm at each server.
type result struct {
	alerts int
	of     []figures
}

// write prints the results as Markdown.
func write(w io.Writer, o options, results []result) error {
	t := table.Table{Title: "A storm of alerts", Header: []string{"", "Burnline"}}
	if o.peer != "" {
		t.Header = append(t.Header, "Alertmanager")
	}
	for _, r := range results {
		row := func(what string, value func(figures) string) {
			cells := []any{fmt.Sprintf("%d alerts: %s", r.alerts, what)}
			for _, f := range r.of {
				cells = append(cells, value(f))
			}
			t.Row(cells...)
		}
		if o.does(partWebhook) {
			row("all taken after, s", func(f figures) string { return seconds(f.taken) })
			row("first notification of a group, median, s", func(f figures) string { return seconds(f.typical) })
			row("first notification of a group, worst, s", func(f figures) string { return seconds(f.worst) })
			row("all groups told after, s", func(f figures) string { return seconds(f.groups) })
			row("all alerts told after, s", func(f figures) string { return seconds(f.all) })
			row("CPU-s", func(f figures) string { return seconds(f.cpu) })
			row("peak memory, MiB", func(f figures) string { return fmt.Sprint(f.memory >> 20) })
			row("slowest answer of the API, ms", func(f figures) string { return fmt.Sprint(f.latency.Milliseconds()) })
		}
		if o.does(partKill) {
			row("groups told before the kill", func(f figures) string { return fmt.Sprint(f.kill.before) })
			row("groups not told after it, until all was sent again", func(f figures) string { return fmt.Sprint(f.kill.lost) })
			row("notifications of nothing new, before and after", func(f figures) string { return fmt.Sprint(f.kill.repeated) })
			row("groups never told", func(f figures) string { return fmt.Sprint(f.kill.missing) })
		}
	}
	t.Note("%d groups into a webhook on the same machine; batches of %d over %d connections, each alert beginning when the storm does; both read the same alertmanager.yml.", o.groups, o.batch, o.senders)
	t.Note("group_wait %s (Burnline tells the first alert of a group at once), group_interval %s.", o.wait, o.interval)
	t.Note("Killed with SIGKILL once half of the groups were told; batches that were not taken are sent again only after the pause in which the others are counted.")
	if o.peer != "" {
		t.Note("%s.", o.peer)
	}
	return t.Write(w)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }
