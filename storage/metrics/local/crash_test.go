package local_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics/local"
)

// crashDir names the data folder of the child process that is to be killed.
const crashDir = "BURNLINE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled commits batch after batch, some samples of it late, and
// prints the number of each that was acknowledged.
func writeUntilKilled(dir string) error {
	s, err := local.Open(local.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Now: func() time.Time { return base.AddDate(1, 0, 0) }})
	if err != nil {
		return err
	}
	for batch := 0; ; batch++ {
		app := s.AppenderV2(context.Background())
		for series := range 20 {
			ls := labels.FromStrings("__name__", "acked_total", "series", strconv.Itoa(series))
			for _, second := range []int{10 * batch, 10*batch - 5} {
				if _, err := app.Append(0, ls, at(0), at(second), float64(batch), nil, nil, storage.AOptions{}); err != nil {
					return err
				}
			}
		}
		if err := app.Commit(); err != nil {
			return err
		}
		fmt.Println(batch)
	}
}

func TestAcknowledgedSamplesSurviveAKill(t *testing.T) {
	t.Parallel()
	for kill := range 3 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), crashDir+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acked := -1
		lines := bufio.NewScanner(out)
		for lines.Scan() { // what was printed before the kill is read to its end
			if acked, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
				t.Fatal(err)
			}
			if acked == 50*(kill+1) {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // it was killed
		s := open(t, dir)
		series := 0
		err = s.Select(t.Context(), slo.Selector{Name: "acked_total"}, at(-10), at(10*acked), func(r slo.SeriesSamples) error {
			series++
			if want := 2 * (acked + 1); len(r.Samples) < want {
				t.Errorf("kill %d: %s has %d samples of %d acknowledged", kill, r.Series.Labels(), len(r.Samples), want)
			}
			for _, x := range r.Samples {
				if x.ST != at(0) {
					t.Errorf("kill %d: start time %d of the sample at %d", kill, x.ST, x.T)
				}
			}
			return nil
		})
		if err != nil || series != 20 {
			t.Errorf("kill %d: %d series, error %v", kill, series, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
