package main

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	"burnline/storage/metrics/local"
)

func TestTheTableHasAColumnForEachStore(t *testing.T) {
	t.Parallel()
	o := options{load: 20 * time.Second, rate: 20, kills: 3}
	f := figures{size: size{"small", 1000, 10}, samples: 5_760_000, state: 3 << 20, whole: 30 << 20, first: time.Second, next: 200 * time.Millisecond,
		without: 0.05, with: 0.0625, copied: 100 << 10, restored: []float64{0.2, 0.3, 0.1}, ready: []float64{1, 2, 3}, lost: []float64{0, 0.5, 1.25}}
	var b strings.Builder
	if err := report(o, []figures{f, f}).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"small: 1000 incidents, 5.8 million samples", "3.0 / 30.0", "1.00 / 0.20", "0.20 / 0.30", "2.00 / 3.00", "0.50 / 1.25", "0.050 / 0.062", "| 100 "} {
		if strings.Count(b.String(), part) < 2 {
			t.Errorf("not twice %q in\n%s", part, b.String())
		}
	}
}

func TestWhatIsLostBeginsWithTheFirstThatIsUnknown(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	all := []taken{{"a", at}, {"b", at.Add(time.Second)}, {"c", at.Add(2 * time.Second)}}
	killed := at.Add(2500 * time.Millisecond)
	for want, known := range map[time.Duration]map[string]bool{
		0:                       {"a": true, "b": true, "c": true},
		1500 * time.Millisecond: {"a": true},
		500 * time.Millisecond:  {"a": true, "b": true},
	} {
		if got := lost(all, known, killed); got != want {
			t.Errorf("with %v known %s are lost, want %s", known, got, want)
		}
	}
}

func TestTheFillerIsADayOfSamples(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, err := fillMetrics(t.Context(), dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	held, err := local.Held(dir)
	if err != nil || held.Samples != uint64(n) || n != 2*24*60*4 {
		t.Errorf("there are %d of %d samples: %v", held.Samples, n, err)
	}
	db, err := tsdb.OpenDBReadOnly(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
