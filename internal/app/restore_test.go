package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/storage/state"
)

// backedUp makes a backup of an empty state and a configuration.
func backedUp(t *testing.T) string {
	t.Helper()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	m := &backup.Manifest{Program: "v1", Began: time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC), Config: []backup.ConfigFile{{Path: "/etc/burnline.yaml", File: "config/burnline.yaml"}}}
	dir, err := backup.Write(t.Context(), t.TempDir(), m, []backup.Part{{Name: "all", Write: func(ctx context.Context, dir string, m *backup.Manifest) error {
		path := filepath.Join(dir, backup.StateName)
		config := filepath.Join(dir, backup.ConfigDir)
		if err := errors.Join(s.CopyTo(ctx, path), os.Mkdir(config, 0o700), os.WriteFile(filepath.Join(config, "burnline.yaml"), []byte("slos: []"), 0o600)); err != nil {
			return err
		}
		held, err := state.Inspect(ctx, path)
		m.State = backup.State{Engine: "SQLite", Schema: held.Schema, Rows: held.Rows}
		return err
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A copy of the state alone, as it is kept from before an update, is restored as it is, and what can't be done with it is said.
func TestACopyOfTheStateAloneIsRestored(t *testing.T) {
	t.Parallel()
	copied, place := filepath.Join(backedUp(t), backup.StateName), t.TempDir()
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(place, "damaged")
	if err := os.WriteFile(damaged, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(place, "data")
	for _, o := range []RestoreOptions{{From: copied, VerifyOnly: true}, {From: copied, Data: data}} {
		if r, err := Restore(t.Context(), o); err != nil || r.Schema == 0 || r.Manifest != nil {
			t.Errorf("%+v: %+v, %v", o, r, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(data, state.FileName)); err != nil || string(got) != string(text) {
		t.Errorf("the data folder has %d bytes of state, want %d: %v", len(got), len(text), err)
	}
	for want, o := range map[string]RestoreOptions{
		"malformed":              {From: damaged, Data: filepath.Join(place, "new")},
		"is not empty":           {From: copied, Data: data},
		"no configuration":       {From: copied, Data: filepath.Join(place, "new"), ConfigTo: place},
		"leave --data out":       {From: copied, Data: filepath.Join(place, "new"), DSN: "postgres:///burnline"},
		"PostgreSQL at " + place: {From: copied, DSN: "postgres:///burnline?host=" + place},
	} {
		if _, err := Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

// What a server that was killed committed lies in the log beside its state, and is restored with it.
func TestTheLogOfAStateIsRestoredWithIt(t *testing.T) {
	t.Parallel()
	p, old, place := newKeptPlace(t), t.TempDir(), t.TempDir()
	p.silence("one")
	p.silence("two")
	killed := filepath.Join(old, state.FileName)
	for _, suffix := range []string{"", "-wal"} {
		if err := backup.CopyFile(filepath.Join(p.data, state.FileName+suffix), killed+suffix); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.ReadFile(killed + "-wal")
	if alone, e := state.Inspect(t.Context(), killed); err != nil || len(log) == 0 || e == nil && alone.Rows["silences"] == 2 {
		t.Fatalf("the log of %d bytes holds nothing: %v, %v, %v", len(log), alone, err, e)
	}
	data := filepath.Join(place, "data")
	if r, err := Restore(t.Context(), RestoreOptions{From: killed, VerifyOnly: true}); err != nil || r.From != killed {
		t.Errorf("it is %+v: %v", r, err)
	}
	r, err := Restore(t.Context(), RestoreOptions{From: killed, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.silences(r, data); got != 2 {
		t.Errorf("restored are %d silences", got)
	}
	if after, err := os.ReadFile(killed + "-wal"); err != nil || string(after) != string(log) {
		t.Errorf("what was restored was changed: %v", err)
	}
	// Nothing is taken from under a server.
	lock, err := datadir.Take(old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{From: killed, VerifyOnly: true}); err == nil || !strings.Contains(err.Error(), "stop it, or take a backup from it") {
		t.Errorf("got %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{From: killed, VerifyOnly: true}); err != nil {
		t.Error(err)
	}
}

// Whoever starts what was restored by the command that is printed gets that, and no new folder.
func TestARestoreSaysHowItsServerIsStarted(t *testing.T) {
	t.Parallel()
	from, place := backedUp(t), t.TempDir()
	etc, data := filepath.Join(place, "etc"), filepath.Join(place, "my data")
	config := filepath.Join(etc, "burnline.yaml")
	r, err := Restore(t.Context(), RestoreOptions{From: from, Data: data, ConfigTo: etc})
	if want := "burnline serve --config " + config + " --data '" + data + "'"; err != nil || r.Serve != want || r.First != "" {
		t.Fatalf("it says %+v, want %q: %v", r, want, err)
	}
	for name, c := range map[string]struct{ text, data, serve, first string }{
		"it leads there by default": {"slos: []", filepath.Join(etc, "data"), "burnline serve --config " + config, ""},
		"it names the folder":       {"data: ../other", filepath.Join(place, "other"), "burnline serve --config " + config, ""},
		"it names another one":      {"data: ../other", "/srv/o'hara", "burnline serve --config " + config + ` --data '/srv/o'\''hara'`, ""},
		"its state was elsewhere":   {"state: {dsn: 'postgres:///burnline'}", filepath.Join(etc, "data"), "burnline serve --config " + config, "remove state.dsn from " + config},
	} {
		if err := os.WriteFile(config, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		serve, first := r.serve(&RestoreOptions{Data: c.data, ConfigTo: etc})
		if serve != c.serve || !strings.HasPrefix(first, c.first) || (first == "") != (c.first == "") {
			t.Errorf("%s: %q and %q, want %q and %q", name, serve, first, c.serve, c.first)
		}
	}
	if serve, first := (&Restored{}).serve(&RestoreOptions{Data: "new", DSN: "postgres:///burnline"}); serve != "burnline serve --config FILE --data new" || !strings.HasPrefix(first, "let state.dsn in FILE") {
		t.Errorf("without a configuration: %q and %q", serve, first)
	}
}

// What speaks against a restore is found before anything is written, and what fails at the end leaves nothing.
func TestARestoreIsAllOrNothing(t *testing.T) {
	t.Parallel()
	from := backedUp(t)
	for name, c := range map[string]struct {
		before func(t *testing.T, o *RestoreOptions) error
		want   string
		left   string // what is there afterwards
	}{
		"a server has the data folder": {func(t *testing.T, o *RestoreOptions) error {
			lock, err := datadir.Take(o.Data)
			t.Cleanup(func() { _ = lock.Release() })
			return err
		}, "stop it or choose another folder", "data data/lock"},
		"the data folder is not empty": {func(_ *testing.T, o *RestoreOptions) error {
			return errors.Join(os.MkdirAll(o.Data, 0o700), os.WriteFile(filepath.Join(o.Data, "mine"), nil, 0o600))
		}, "is not empty (mine)", "data data/mine"},
		"the configuration is there": {func(_ *testing.T, o *RestoreOptions) error {
			return errors.Join(os.MkdirAll(o.ConfigTo, 0o700), os.WriteFile(filepath.Join(o.ConfigTo, "burnline.yaml"), nil, 0o600))
		}, "burnline.yaml is there already", "etc etc/burnline.yaml"},
		"the database can't be reached": {func(t *testing.T, o *RestoreOptions) error {
			o.DSN = "postgres:///burnline?host=" + t.TempDir()
			return nil
		}, "PostgreSQL", ""},
		"a server ran in the data folder that was emptied": {func(t *testing.T, o *RestoreOptions) error {
			lock, err := datadir.Take(o.Data)
			o.DSN = "postgres:///burnline?host=" + t.TempDir()
			return errors.Join(err, lock.Release())
		}, "PostgreSQL", "data data/lock"},
		"the data folder lies deep": {func(t *testing.T, o *RestoreOptions) error {
			o.Data, o.DSN = filepath.Join(o.Data, "burnline", "new"), "postgres:///burnline?host="+t.TempDir()
			return nil
		}, "PostgreSQL", ""},
		"the configuration can't be written": {func(_ *testing.T, o *RestoreOptions) error {
			o.ConfigTo = "/proc/self/fdinfo/etc" // nobody, not even root, makes a folder there
			return nil
		}, "restore the configuration", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := t.TempDir()
			o := RestoreOptions{From: from, Data: filepath.Join(place, "data"), ConfigTo: filepath.Join(place, "etc")}
			if err := c.before(t, &o); err != nil {
				t.Fatal(err)
			}
			if _, err := Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			var left []string
			_ = filepath.WalkDir(place, func(path string, d os.DirEntry, _ error) error { // it returns nil
				if d != nil && path != place {
					left = append(left, strings.TrimPrefix(path, place+"/"))
				}
				return nil
			})
			if strings.Join(left, " ") != c.left {
				t.Errorf("there are %q, want %q", left, c.left)
			}
			for _, path := range []string{filepath.Join(o.Data, backup.StateName), filepath.Join(o.Data, ".restoring")} {
				if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is there: %v", path, err)
				}
			}
			if text, err := os.ReadFile(filepath.Join(o.ConfigTo, "burnline.yaml")); err == nil && len(text) > 0 {
				t.Error("the configuration was written")
			}
		})
	}
	data := filepath.Join(t.TempDir(), "data")
	if _, err := Restore(t.Context(), RestoreOptions{From: from, Data: data}); err != nil {
		t.Fatal(err)
	}
	lock, err := datadir.Take(data)
	if err != nil {
		t.Fatalf("the restored folder is still held: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}
