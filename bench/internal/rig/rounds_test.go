package rig

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestContendersAreMeasuredInTurnsAndHaveTheirMedians(t *testing.T) {
	var order []string
	one := func(name string, figures ...Figures) Contender {
		return Contender{name, func(_ context.Context, dir string) (Figures, error) {
			order = append(order, strings.TrimPrefix(dir, "data/"))
			f := figures[0]
			figures = figures[1:]
			return f, nil
		}}
	}
	var said strings.Builder
	got, err := InTurns(t.Context(), 3, "data", "spans", &said,
		one("ours", Figures{300, 3, 100}, Figures{100, 1, 300}, Figures{200, 2, 200}), one("theirs", Figures{1, 1, 1}, Figures{1, 1, 1}, Figures{1, 1, 4}))
	if err != nil || !slices.Equal(got, []Figures{{200, 2, 200}, {1, 1, 1}}) {
		t.Errorf("the medians are %v (%v)", got, err)
	}
	if want := []string{"ours-0", "theirs-0", "ours-1", "theirs-1", "ours-2", "theirs-2"}; !slices.Equal(order, want) {
		t.Errorf("measured are %v", order)
	}
	if !strings.Contains(said.String(), "round 2: ours: 100 spans/s, 1.00 CPU-s a million, 300 MiB\n") {
		t.Errorf("it says %s", &said)
	}
}

func TestAProcessIsMeasuredWhileItsLoadRuns(t *testing.T) {
	f, err := Under(os.Getpid(), func() (int64, time.Duration, error) { return 500, 2 * time.Second, nil })
	if err != nil || f.Rate != 250 || f.CPU < 0 || f.Memory <= 0 {
		t.Errorf("figures %v (%v)", f, err)
	}
	broke := errors.New("the load broke")
	if _, err := Under(os.Getpid(), func() (int64, time.Duration, error) { return 0, 0, broke }); !errors.Is(err, broke) {
		t.Errorf("error %v", err)
	}
}
