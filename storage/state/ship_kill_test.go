package state_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// shipEnv makes this test binary write to a state in a folder, copy it to another one, and say what is committed and
// copied, until it is killed.
const shipEnv = "STATE_TEST_SHIP"

// shipUntilKilled writes incidents with their messages, and silences, one after the other.
func shipUntilKilled(ctx context.Context, dir string, out io.Writer) error {
	s, err := state.OpenSpooled(ctx, state.SpoolOptions{Options: state.Options{Dir: filepath.Join(dir, "data")}})
	if err != nil {
		return err
	}
	h, err := s.NewShipper(ctx, state.ShipOptions{To: filepath.Join(dir, "copy"), Mine: mine})
	if err != nil {
		return err
	}
	go func() { _ = h.Run(ctx) }() // until the end of the process
	for i := 0; ; i++ {
		key := fmt.Sprintf("k%06d", i)
		tr := transition(slo.IncidentOpened, key, time.Minute)
		tr.Incident.SLO = "of/" + key
		if err := s.Commit(ctx, planned(tr, [2]string{"oncall", "trigger"}), time.Now()); err != nil {
			return err
		}
		err := s.EditSilence(ctx, key, func(*alerting.Silence) ([]alerting.Silence, error) {
			return []alerting.Silence{{ID: key, StartsAt: tr.At, EndsAt: tr.At.Add(time.Hour), Author: "ada"}}, nil
		})
		if err != nil {
			return err
		}
		at := time.Now()
		if _, err := fmt.Fprintln(out, i, at.UnixNano(), max(0, h.Current().UnixNano())); err != nil {
			return err
		}
	}
}

// TestWhatWasCopiedSurvivesAKill kills a process that writes without a pause: what is restored are its first commits, and
// among them all from before the moment as of which the copy was said to have everything.
func TestWhatWasCopiedSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, kill := context.WithCancel(patience.Context(t))
	defer kill()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), shipEnv+"="+dir), os.Stderr
	lines, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var committed []int64
	var first, copied int64
	for in := bufio.NewScanner(lines); in.Scan(); {
		var i int
		var at, current int64
		if _, err := fmt.Sscan(in.Text(), &i, &at, &current); err != nil || i != len(committed) {
			break // a line that was cut
		}
		committed, copied = append(committed, at), current
		if first == 0 {
			first = current
		}
		if first > 0 && copied > first && ctx.Err() == nil {
			kill() // what it still says comes afterwards
		}
	}
	_ = cmd.Wait() // it was killed
	if copied <= first || first == 0 {
		t.Fatalf("it copied nothing while it wrote %d commits", len(committed))
	}
	path := filepath.Join(dir, state.FileName)
	if from, _, err := state.RebuildNewest(t.Context(), filepath.Join(dir, "copy"), path); err != nil || from == "" {
		t.Fatalf("the copy is %q: %v", from, err)
	}
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys := openKeys(t, s)
	for i, key := range keys {
		if key != fmt.Sprintf("k%06d", i) {
			t.Fatalf("the copy has %s in the place of commit %d", key, i)
		}
		if _, has, err := s.Silence(t.Context(), key); err != nil || !has && i < len(keys)-1 {
			t.Fatalf("the silence after %s: %t, %v", key, has, err)
		}
	}
	for i, at := range committed {
		if at < copied && i >= len(keys) {
			t.Fatalf("commit %d is from %s before the copy, and not in it", i, time.Duration(copied-at))
		}
	}
	last := committed[min(len(keys), len(committed))-1]
	t.Logf("restored are %d of %d commits, up to %s before the last", len(keys), len(committed), time.Duration(committed[len(committed)-1]-last))
}
