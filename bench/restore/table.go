package main

import (
	"fmt"
	"slices"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

// report builds the table, with a column for each store.
func report(o options, all []figures) *table.Table {
	t := &table.Table{Title: "Backups, and a machine that is lost", Header: []string{"what"}}
	for _, f := range all {
		t.Header = append(t.Header, fmt.Sprintf("%s: %d incidents, %.1f million samples", f.name, f.incidents, float64(f.samples)/1e6))
	}
	row := func(what string, of func(*figures) string) {
		cells := []any{what}
		for i := range all {
			cells = append(cells, of(&all[i]))
		}
		t.Row(cells...)
	}
	both := func(values []float64) string {
		return fmt.Sprintf("%.2f / %.2f", rig.Median(values), slices.Max(values))
	}
	row("state / whole backup, MiB", func(f *figures) string { return fmt.Sprintf("%.1f / %.1f", mib(f.state), mib(f.whole)) })
	row("first backup / a later one, s", func(f *figures) string { return fmt.Sprintf("%.2f / %.2f", f.first.Seconds(), f.next.Seconds()) })
	row("restore, median / longest, s", func(f *figures) string { return both(f.restored) })
	row("start after it until ready, median / longest, s", func(f *figures) string { return both(f.ready) })
	row("state lost with the machine, median / most, s", func(f *figures) string { return both(f.lost) })
	row("CPU under load without / with a copy of the state, cores", func(f *figures) string { return fmt.Sprintf("%.3f / %.3f", f.without, f.with) })
	row("copied of the state under load, KiB/s", func(f *figures) string { return fmt.Sprintf("%.0f", f.copied/(1<<10)) })
	t.Note("Load: %d alerts a second for %s, each of which becomes an incident with its message. The server is killed %d times at several moments of a second of that load, and restored from the newest backup with the copy of the state; "+
		"lost is from the first alert that was answered with 200 and is unknown afterwards to the kill, 0 where none is.", o.rate, o.load, o.kills)
	t.Note("All but %d incidents are over. A later backup links the blocks that the first one has. The folder of backups is on the same disk as the data.", leftOpen)
	return t
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
