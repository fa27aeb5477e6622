package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fsnotify/fsnotify"

	"burnline/internal/harness/patience"
)

func TestEveryWayOfChangingAFileIsNoticed(t *testing.T) {
	for name, tc := range map[string]struct {
		// before makes the files; change changes them. Both work below dir.
		before, change func(t *testing.T, dir string)
		watched        string
	}{
		"a file in a folder is written": {
			func(t *testing.T, dir string) { put(t, dir, "slos/a.yaml", "1") },
			func(t *testing.T, dir string) { put(t, dir, "slos/a.yaml", "2") }, "slos"},
		"a file comes in a subfolder that comes": {
			func(t *testing.T, dir string) { put(t, dir, "slos/a.yaml", "1") },
			func(t *testing.T, dir string) { put(t, dir, "slos/team/b.yaml", "1") }, "slos"},
		"an editor replaces a file": {
			func(t *testing.T, dir string) { put(t, dir, "burnline.yaml", "1") },
			func(t *testing.T, dir string) {
				put(t, dir, "burnline.yaml~", "2")
				move(t, dir, "burnline.yaml~", "burnline.yaml")
			}, "burnline.yaml"},
		"the folder comes": {
			func(*testing.T, string) {},
			func(t *testing.T, dir string) { put(t, dir, "deep/slos/a.yaml", "1") }, "deep/slos"},
		"the folder is replaced": {
			func(t *testing.T, dir string) { put(t, dir, "slos/a.yaml", "1"); put(t, dir, "next/a.yaml", "2") },
			func(t *testing.T, dir string) { move(t, dir, "slos", "last"); move(t, dir, "next", "slos") }, "slos"},
		"a file comes in a folder behind a link": {
			func(t *testing.T, dir string) { put(t, dir, "real/a.yaml", "1"); link(t, dir, "real", "slos") },
			func(t *testing.T, dir string) { put(t, dir, "real/b.yaml", "1") }, "slos"},
		"the link to the folder is swapped": {
			func(t *testing.T, dir string) {
				put(t, dir, "one/a.yaml", "1")
				put(t, dir, "two/a.yaml", "2")
				link(t, dir, "one", "slos")
			},
			func(t *testing.T, dir string) { link(t, dir, "two", "slos") }, "slos"},
		"a link above the folder is swapped, as git-sync does": {
			func(t *testing.T, dir string) {
				put(t, dir, "rev1/prod/slos/a.yaml", "1")
				put(t, dir, "rev2/prod/slos/a.yaml", "2")
				link(t, dir, "rev1", "current")
			},
			func(t *testing.T, dir string) { link(t, dir, "rev2", "current") }, "current/prod/slos"},
		"a ConfigMap is updated": {
			func(t *testing.T, dir string) {
				put(t, dir, "etc/..2026_1/a.yaml", "1")
				put(t, dir, "etc/..2026_2/a.yaml", "2")
				link(t, dir, "..2026_1", "etc/..data")
				link(t, dir, "..data/a.yaml", "etc/a.yaml")
			},
			func(t *testing.T, dir string) { link(t, dir, "..2026_2", "etc/..data") }, "etc"},
		"a single file of a ConfigMap is updated": {
			func(t *testing.T, dir string) {
				put(t, dir, "etc/..2026_1/burnline.yaml", "1")
				put(t, dir, "etc/..2026_2/burnline.yaml", "2")
				link(t, dir, "..2026_1", "etc/..data")
				link(t, dir, "..data/burnline.yaml", "etc/burnline.yaml")
			},
			func(t *testing.T, dir string) { link(t, dir, "..2026_2", "etc/..data") }, "etc/burnline.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tc.before(t, dir)
			calls := watch(t, filepath.Join(dir, tc.watched), nil)
			tc.change(t, dir)
			patience.Receive(t, "the change is noticed", calls)
		})
	}
}

func TestWhatAReloadLogsBesideTheFilesIsNoChange(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "burnline.yaml", "0")
	seen := ""
	calls := watch(t, filepath.Join(dir, "burnline.yaml"), func() {
		data, err := os.ReadFile(filepath.Join(dir, "burnline.yaml"))
		if err != nil || string(data) == seen {
			t.Errorf("a reload for nothing: %q, %v", data, err)
		}
		seen = string(data)
		put(t, dir, "burnline.log", seen)
	})
	for _, content := range []string{"1", "2", "3"} {
		put(t, dir, "burnline.log", "before "+content)
		put(t, dir, "burnline.yaml", content)
		patience.Receive(t, "the change is noticed", calls)
	}
}

func TestAFileThatIsNamedBesideIsNoChangeUntilItComes(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "burnline.yaml", "0")
	key, calls := filepath.Join(dir, "secrets", "key"), make(chan string, 10)
	var refused atomic.Bool
	reload := func(context.Context) {
		_, err := os.Stat(key)
		refused.Store(err != nil)
		calls <- map[bool]string{true: "taken", false: "refused"}[err == nil]
	}
	observe(t, &watcher{
		paths: func() []string { return []string{filepath.Join(dir, "burnline.yaml")} },
		named: func() []string {
			if refused.Load() {
				return []string{key}
			}
			return nil
		},
		changed: reload,
		retry: func(ctx context.Context) {
			if _, err := os.Stat(key); refused.Load() && err == nil { // it says nothing where the outcome is the same
				reload(ctx)
			}
		},
		logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	put(t, dir, "burnline.yaml", "1")
	if got := patience.Receive(t, "the change is noticed", calls); got != "refused" {
		t.Errorf("without its key it is %s", got)
	}
	put(t, dir, "secrets/key", "k")
	if got := patience.Receive(t, "the key is noticed", calls); got != "taken" {
		t.Errorf("it is %s: that a file is named beside is taken for a change", got)
	}
}

func TestASurveySeesWhatIsReadAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "slos/a.yaml", "1")
	link(t, dir, "../slos", "slos/circle")
	look := func() digest { s := survey([]string{filepath.Join(dir, "slos")}); return s.digest() }
	first := look()
	put(t, dir, "slos/notes.txt", "x")
	put(t, dir, "slos/.hidden.yaml", "x")
	put(t, dir, "burnline.log", "x")
	if look() != first {
		t.Error("files that are never read are a change")
	}
	put(t, dir, "slos/b.yml", "")
	if look() == first {
		t.Error("a new file is no change")
	}
}

func TestWhatIsWrittenBeforeWatchingBeginsIsAChange(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "burnline.yaml")}
	read := survey(paths)
	put(t, dir, "burnline.yaml", "written while the server starts")
	ctx, stop := context.WithTimeout(t.Context(), patience.Limit)
	defer stop()
	told := false
	w := &watcher{
		paths: func() []string { return paths }, taken: read.digest(),
		changed: func(context.Context) { told = true; stop() },
		logger:  slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if err := w.Run(ctx); err != nil || !told {
		t.Errorf("the change was missed (%v)", err)
	}
}

// watch runs a watcher of the path; each change is told after do, which may be nil.
func watch(t *testing.T, path string, do func()) <-chan struct{} {
	t.Helper()
	calls := make(chan struct{}, 100)
	w := &watcher{
		paths: func() []string { return []string{path} },
		changed: func(context.Context) {
			if do != nil {
				do()
			}
			calls <- struct{}{}
		},
		logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	observe(t, w)
	return calls
}

// observe has a watcher watch from now on until the test ends.
func observe(t *testing.T, w *watcher) {
	t.Helper()
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	taken := w.follow(notify) // from here on nothing is missed
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.watch(ctx, notify, taken) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := notify.Close(); err != nil {
			t.Error(err)
		}
	})
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		t.Fatal(err)
	}
}

// link makes or swaps a symbolic link in one step, as programs do that must not
// show a moment without it.
func link(t *testing.T, dir, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, name+".new")); err != nil {
		t.Fatal(err)
	}
	move(t, dir, name+".new", name)
}
