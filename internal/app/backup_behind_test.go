package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting/drills"
	"burnline/slo"
)

func TestACopyOfTheStateThatIsTooOldIsToldUntilItIsNot(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	var current time.Time
	var told []string
	var fails error
	w := &copyWatch{folder: "/mnt/backups", began: began, current: func() time.Time { return current }, alert: func(_ context.Context, all []slo.Alert) error {
		for _, a := range all {
			told = append(told, fmt.Sprintf("%s %s until %s", a.Labels.Get("alertname"), a.Labels.Get("severity"), a.EndsAt.Format("15:04:05")))
			if !strings.Contains(a.Annotations["summary"], "/mnt/backups") {
				t.Errorf("it does not name the folder: %s", a.Annotations["summary"])
			}
		}
		return fails
	}}
	at := func(after time.Duration, want ...string) {
		t.Helper()
		told = nil
		if err := w.Step(t.Context(), began.Add(after)); !errors.Is(err, fails) {
			t.Errorf("after %s: %v", after, err)
		}
		if !slices.Equal(told, want) {
			t.Errorf("after %s told are %q, want %q", after, told, want)
		}
	}
	at(time.Minute)
	at(61*time.Second, "BurnlineStateCopyBehind ticket until 14:16:01") // none was ever made
	at(2 * time.Minute)
	at(6*time.Minute+time.Second, "BurnlineStateCopyBehind ticket until 14:21:01")
	current = began.Add(7 * time.Minute)
	at(7*time.Minute, "BurnlineStateCopyBehind ticket until 14:07:00")
	at(8 * time.Minute)
	fails = errors.New("the state is away")
	at(8*time.Minute+time.Second, "BurnlineStateCopyBehind ticket until 14:23:01")
	fails = nil
	at(8*time.Minute+6*time.Second, "BurnlineStateCopyBehind ticket until 14:23:06")
}

// A folder that hangs keeps neither the end of the server nor the next look at backups.
func TestABackupThatHangsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  bool
		want string
		took time.Duration
	}{
		"the server ends":             {true, "does not answer: context canceled", time.Minute + lastBackup},
		"nothing happens for so long": {false, "no step of it was done", time.Hour + mostSilent},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began, hang, after := time.Now(), make(chan struct{}), make(chan struct{})
				var told []string
				if c.end {
					time.AfterFunc(time.Minute, cancel)
				}
				err := guarded(ctx, func(s drills.Step) { told = append(told, s.Name) }, func(_ context.Context, tell func(drills.Step)) error {
					defer close(after)
					tell(drills.Step{Name: "checkpoints"})
					if !c.end {
						time.Sleep(time.Hour)
					}
					tell(drills.Step{Name: "metrics"})
					<-hang
					tell(drills.Step{Name: "state"})
					return nil
				})
				if err == nil || !strings.Contains(err.Error(), c.want) || time.Since(began) != c.took {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				close(hang)
				<-after
				if !slices.Equal(told, []string{"checkpoints", "metrics"}) {
					t.Errorf("told are %v", told)
				}
			})
		})
	}
	want := errors.New("no room")
	if err := guarded(t.Context(), nil, func(context.Context, func(drills.Step)) error { return want }); !errors.Is(err, want) {
		t.Errorf("what fails is told as %v", err)
	}
}
