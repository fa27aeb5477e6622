package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"burnline/bench/internal/rig"
	"burnline/internal/backup"
	"burnline/internal/harness"
)

// figures are what one store showed.
type figures struct {
	size
	samples int
	// state and whole are bytes of the state and of a whole backup.
	state, whole int64
	// first and next are how long the first backup and a later one take.
	first, next time.Duration
	// without and with are the CPU time that the server takes a second under load, without and with a copy of the state, and
	// copied the bytes that are copied a second.
	without, with, copied float64
	// restored, ready and lost are how long a restore takes, a start after it, and what of the state is missing then, of each kill.
	restored, ready, lost []float64
}

// place is a server with its folders.
type place struct {
	o   options
	dir string
	b   *rig.Burnline
}

func (o options) measure(ctx context.Context, s size) (f figures, err error) {
	f.size = s
	p := &place{o: o}
	if p.dir, err = os.MkdirTemp("", "burnline-restore-"); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.dir)) }()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer hook.Close()
	if err := os.Mkdir(filepath.Join(p.dir, "backups"), 0o700); err != nil {
		return f, err
	}
	o.say("%s: %d series of a day …", s.name, s.series)
	if f.samples, err = fillMetrics(ctx, p.path("data/metrics"), s.series); err != nil {
		return f, err
	}
	if f.without, _, err = p.loaded(ctx, hook.URL, "", s.incidents); err != nil {
		return f, err
	}
	if f.with, f.copied, err = p.loaded(ctx, hook.URL, "backup: {to: backups}\n", 0); err != nil {
		return f, err
	}
	if err := p.backedUp(ctx, hook.URL, &f); err != nil {
		return f, err
	}
	for n := range o.kills {
		if err := p.kill(ctx, n, &f); err != nil {
			return f, err
		}
	}
	return f, p.b.Stop()
}

func (o options) say(format string, args ...any) { _, _ = fmt.Fprintf(o.log, format+"\n", args...) }

func (p *place) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// start starts a server on the folder, and waits until it is ready.
func (p *place) start(ctx context.Context, hook, more string) (err error) {
	p.b, err = rig.Prepare(ctx, p.o.burnline, p.dir, fmt.Sprintf(`data: data
%salerting:
  receivers: [{name: hook, webhook_configs: [{url: %q}]}]
  route: {receiver: hook, group_by: [alertname], group_wait: 1s}
`, more, hook), nil)
	if err != nil {
		return err
	}
	return p.again(ctx)
}

// again starts the server that was prepared.
func (p *place) again(ctx context.Context) error {
	if err := p.b.Process.Start(); err != nil {
		return err
	}
	return p.b.Process.WaitReady(ctx)
}

// loaded starts a server, fills it, loads it, and ends it; it returns the CPU time and the bytes of the copy of each second.
func (p *place) loaded(ctx context.Context, hook, more string, incidents int) (cpu, bytes float64, err error) {
	if err := p.start(ctx, hook, more); err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.b.Stop()) }()
	if err := p.fillState(ctx, incidents); err != nil {
		return 0, 0, err
	}
	if more != "" {
		if err := p.copies(ctx); err != nil {
			return 0, 0, err
		}
	}
	if err := p.idle(ctx); err != nil {
		return 0, 0, err
	}
	before, err := rig.CPU(p.b.Process.PID())
	if err != nil {
		return 0, 0, err
	}
	had := sizeOf(p.path("backups/state"))
	during, cancel := context.WithTimeout(ctx, p.o.load)
	defer cancel()
	began := time.Now()
	steadily(during, p.b.Web, fmt.Sprintf("cpu%d-", incidents), p.o.rate)
	took := time.Since(began).Seconds()
	after, err := rig.CPU(p.b.Process.PID())
	return (after - before).Seconds() / took, float64(sizeOf(p.path("backups/state"))-had) / took, err
}

// leftOpen is how many incidents of the filling stay open.
const leftOpen = 100

// fillState makes incidents with their messages, and ends all but some.
func (p *place) fillState(ctx context.Context, incidents int) error {
	send := func(first int, end bool) error {
		for ; first < incidents; first += 500 {
			var batch []harness.Alert
			for i := first; i < min(first+500, incidents); i++ {
				a := firing(fmt.Sprintf("filler%06d", i))
				if end {
					a.EndsAt = time.Now()
				}
				batch = append(batch, a)
			}
			if err := post(ctx, p.b.Web, batch...); err != nil {
				return err
			}
		}
		return nil
	}
	if err := send(0, false); err != nil {
		return err
	}
	if err := p.idle(ctx); err != nil { // so that each is told before it ends
		return err
	}
	return send(leftOpen, true)
}

// idle waits until the server has nothing to do any more: for five seconds it takes less than a tenth of a core.
func (p *place) idle(ctx context.Context) error {
	const look, share = 5 * time.Second, 10
	for last := time.Duration(-1); ; {
		now, err := rig.CPU(p.b.Process.PID())
		if err != nil {
			return err
		}
		if last >= 0 && now-last < look/share {
			return nil
		}
		last = now
		if err := rig.Wait(ctx, look); err != nil {
			return err
		}
	}
}

// copies waits until the state is copied up to now, and a whole backup was made.
func (p *place) copies(ctx context.Context) error {
	now := time.Now()
	return harness.Poll(ctx, 50*time.Millisecond, func() (bool, error) {
		var answer struct {
			StateCopied time.Time `json:"state_copied"`
		}
		all, err := backup.List(p.path("backups"))
		if err != nil || len(all) == 0 {
			return false, err
		}
		err = p.b.GetJSON(ctx, "/api/v1/backups", &answer)
		return answer.StateCopied.After(now), err
	})
}

// backedUp starts the server for what follows, and measures backups.
func (p *place) backedUp(ctx context.Context, hook string, f *figures) error {
	all, err := backup.List(p.path("backups"))
	if err != nil {
		return err
	}
	m, err := backup.ReadManifest(all[0])
	if err != nil {
		return err
	}
	f.first, f.whole = m.Ended.Sub(m.Began), m.Bytes()
	if err := p.start(ctx, hook, "backup: {to: backups}\n"); err != nil {
		return err
	}
	began := time.Now()
	if err := p.command(ctx, "backup", "--server", "http://"+p.b.Web); err != nil {
		return err
	}
	f.next = time.Since(began)
	f.state = sizeOf(p.path("data/state.db"))
	return nil
}

// kill kills the server under load, restores it, and looks at what is missing.
func (p *place) kill(ctx context.Context, n int, f *figures) error {
	if err := p.copies(ctx); err != nil {
		return err
	}
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := make(chan []taken, 1)
	go func() { sent <- steadily(during, p.b.Web, fmt.Sprintf("kill%d-", n), p.o.rate) }()
	if err := rig.Wait(ctx, 3*time.Second+time.Duration(n)*170*time.Millisecond); err != nil { // at any moment of the second
		return err
	}
	killed := time.Now()
	p.b.Process.Kill()
	all := <-sent
	if err := os.Rename(p.path("data"), p.path(fmt.Sprintf("lost%d", n))); err != nil {
		return err
	}
	began := time.Now()
	if err := p.command(ctx, "restore", "--from", p.path("backups"), "--data", p.path("data")); err != nil {
		return err
	}
	restored := time.Now()
	if err := errors.Join(p.again(ctx), os.RemoveAll(p.path(fmt.Sprintf("lost%d", n)))); err != nil {
		return err
	}
	ready := time.Now()
	var listed []harness.Alert
	if err := p.b.GetJSON(ctx, harness.AlertsPath, &listed); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, a := range listed {
		known[a.Labels["alertname"]] = true
	}
	f.restored = append(f.restored, restored.Sub(began).Seconds())
	f.ready = append(f.ready, ready.Sub(restored).Seconds())
	f.lost = append(f.lost, lost(all, known, killed).Seconds())
	p.o.say("%s: kill %d: %d alerts taken, lost %.2f s; restored in %.2f s, ready in %.2f s", f.name, n+1, len(all), f.lost[n], f.restored[n], f.ready[n])
	return nil
}

// command runs the program.
func (p *place) command(ctx context.Context, args ...string) error {
	binary, err := filepath.Abs(p.o.burnline)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, binary, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("burnline %s: %w: %s", args[0], err, out)
	}
	return nil
}

// sizeOf adds up the files of a folder, or one file.
func sizeOf(path string) (n int64) {
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error { // what is gone meanwhile has none
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // see above
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
