package rig

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// Figures are what one server showed under a load of things, such as points or spans.
type Figures struct {
	// Rate is things a second, CPU seconds a million things, and Memory the peak resident set in MiB.
	Rate, CPU, Memory float64
}

// Contender is a server that is measured beside others.
type Contender struct {
	Name string
	// Measure starts it on an empty folder, loads it, and ends it.
	Measure func(ctx context.Context, dir string) (Figures, error)
}

// InTurns measures the contenders one after the other, each so many rounds, and returns the medians of
// each. What a round showed is printed with the name of the things.
func InTurns(ctx context.Context, rounds int, dir, things string, stderr io.Writer, contenders ...Contender) ([]Figures, error) {
	all := make([][]Figures, len(contenders))
	for round := range rounds {
		for i, c := range contenders {
			f, err := c.Measure(ctx, filepath.Join(dir, fmt.Sprintf("%s-%d", c.Name, round)))
			if err != nil {
				return nil, fmt.Errorf("measure %s: %w", c.Name, err)
			}
			_, _ = fmt.Fprintf(stderr, "round %d: %s: %.0f %s/s, %.2f CPU-s a million, %.0f MiB\n", round+1, c.Name, f.Rate, things, f.CPU, f.Memory)
			all[i] = append(all[i], f)
		}
	}
	medians := make([]Figures, len(contenders))
	for i := range all {
		medians[i] = Medians(all[i])
	}
	return medians, nil
}

// Medians are those of each figure by itself.
func Medians(all []Figures) Figures {
	of := func(get func(Figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = get(f)
		}
		return Median(values)
	}
	return Figures{
		Rate:   of(func(f Figures) float64 { return f.Rate }),
		CPU:    of(func(f Figures) float64 { return f.CPU }),
		Memory: of(func(f Figures) float64 { return f.Memory }),
	}
}

// Under is what a process takes while load runs, which returns how many things it sent and how
// long that took.
func Under(pid int, load func() (things int64, took time.Duration, err error)) (Figures, error) {
	before, err := CPU(pid)
	if err != nil {
		return Figures{}, err
	}
	things, took, err := load()
	if err != nil {
		return Figures{}, err
	}
	after, err := CPU(pid)
	if err != nil {
		return Figures{}, err
	}
	peak, err := PeakMemory(pid)
	return Figures{
		Rate:   float64(things) / took.Seconds(),
		CPU:    (after - before).Seconds() / float64(things) * 1e6,
		Memory: float64(peak) / (1 << 20),
	}, err
}
