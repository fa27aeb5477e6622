// Command explain measures how well the causes of failures are named, and prints one table in
// Markdown:
//
//	go run ./bench/explain
//
// It draws worlds of 20,000 events with 8 attributes, lets combinations of them fail, and asks
// which they were, beside two simple ways to tell: the best single attribute, and ranking
// combinations by lift. A cause counts as named only where the combination is the same, or
// holds the very same events.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

func main() { os.Exit(rig.Main("explain", run)) }

func run(_ context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	// tools/bench gives it to every benchmark; this one has no use for it.
	flags.String("burnline", "", "not used: the package is measured in this process")
	only := flags.String("only", "", "measure only the kinds of worlds whose name holds this")
	worlds := flags.Int("worlds", 100, "worlds of each kind")
	seed := flags.Uint64("seed", 1, "seed of all worlds")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *worlds < 1 {
		return fmt.Errorf("-worlds %d: write 1 or more", *worlds)
	}
	t := &table.Table{
		Title:  "Which combination of attributes explains the failures",
		Header: []string{"world", "precision", "recall", "F1", "F1, best attribute", "F1, lift ranking", "median", "slowest"},
	}
	for _, s := range of(withCauses(), *only) {
		scores := measure(s, *worlds, *seed, finders())
		own := &scores[0]
		t.Row(s.name, percent(own.precision()), percent(own.recall()), fmt.Sprintf("%.2f", own.f1()),
			fmt.Sprintf("%.2f", scores[1].f1()), fmt.Sprintf("%.2f", scores[2].f1()), median(own.took), slowest(own.took))
	}
	if err := t.Write(stdout); err != nil {
		return err
	}
	none := &table.Table{Header: []string{"world without a cause", "a cause is invented", "“everywhere”", "invented, best attribute", "invented, lift ranking"}}
	for _, s := range of(withoutCause(), *only) {
		scores := measure(s, *worlds, *seed, finders())
		none.Row(s.name, percent(part(scores[0].invented, scores[0].worlds)), percent(part(scores[0].everywhere, scores[0].worlds)),
			percent(part(scores[1].invented, scores[1].worlds)), percent(part(scores[2].invented, scores[2].worlds)))
	}
	none.Note("%d worlds of %d events and %d attributes in each row; the background fails at 0.1–1 %%, values are skewed and attributes hang together. "+
		"A cause holds 1–50 %% of the events.", *worlds, events, len(attributes()))
	none.Note("Times are the CPU time of one call.")
	none.Note("With a baseline as many events of before are known, and a combination that is no cause failed at 5–25 %% before as it does now.")
	none.Note("Both peers are told how many causes there are; alone they have no way to say that there is none.")
	none.Note("Seed %d.", *seed)
	if _, err := fmt.Fprintln(stdout); err != nil {
		return err
	}
	return none.Write(stdout)
}

// of returns the scenarios that are asked for.
func of(all []scenario, only string) []scenario {
	return slices.DeleteFunc(all, func(s scenario) bool { return !strings.Contains(s.name, only) })
}

func withCauses() []scenario {
	var all []scenario
	for depth := 1; depth <= 3; depth++ {
		for _, ratio := range []float64{0.02, 0.05, 0.1, 0.2, 0.5} {
			all = append(all, scenario{name: fmt.Sprintf("one cause of depth %d, %.0f %% fail", depth, 100*ratio), depth: depth, causes: 1, ratio: ratio})
		}
	}
	return append(all,
		scenario{name: "one of depth 2, 10 %, background uneven", depth: 2, causes: 1, ratio: 0.1, uneven: true},
		scenario{name: "one of depth 2, 10 %, baseline", depth: 2, causes: 1, ratio: 0.1, baseline: true},
		scenario{name: "one of depth 1–3, 2–50 %, baseline", causes: 1, baseline: true},
		scenario{name: "two of depth 2, 10 %", depth: 2, causes: 2, ratio: 0.1},
		scenario{name: "three of depth 2, 10 %", depth: 2, causes: 3, ratio: 0.1},
		scenario{name: "two of depth 1–3, 2–50 %", causes: 2},
		scenario{name: "three of depth 1–3, 2–50 %", causes: 3},
		scenario{name: "two of depth 2, 10 %, baseline", depth: 2, causes: 2, ratio: 0.1, baseline: true},
		scenario{name: "three of depth 1–3, 2–50 %, baseline", causes: 3, baseline: true},
	)
}

func withoutCause() []scenario {
	return []scenario{
		{name: "background alone"},
		{name: "background alone, uneven", uneven: true},
		{name: "5 % fail everywhere", spread: 0.05},
		{name: "50 % fail everywhere", spread: 0.5},
		{name: "20 % fail everywhere, uneven", spread: 0.2, uneven: true},
		{name: "background alone, baseline", baseline: true},
		{name: "5 % fail everywhere, baseline", spread: 0.05, baseline: true},
	}
}

func percent(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func median(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("%.1f ms", float64(all[len(all)/2])/1e6)
}

func slowest(all []time.Duration) string { return fmt.Sprintf("%.1f ms", float64(slices.Max(all))/1e6) }
