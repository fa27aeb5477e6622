package app

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/storage/state"
)

// keptPlace is a folder of backups with the copy of a state that is kept as it is written.
type keptPlace struct {
	t    *testing.T
	s    *state.Spooled
	copy *state.Shipper
	to   string
	data string
}

func newKeptPlace(t *testing.T) *keptPlace {
	t.Helper()
	data := t.TempDir()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{Dir: data}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	h, err := s.NewShipper(t.Context(), state.ShipOptions{To: filepath.Join(to, shippedDir), Mine: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return &keptPlace{t, s, h, to, data}
}

// silence writes something to the state.
func (p *keptPlace) silence(id string) {
	p.t.Helper()
	now := time.Now()
	err := p.s.EditSilence(p.t.Context(), id, func(*alerting.Silence) ([]alerting.Silence, error) {
		return []alerting.Silence{{ID: id, StartsAt: now, EndsAt: now.Add(time.Hour), Author: "ada"}}, nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// copied takes the state to the copy.
func (p *keptPlace) copied() {
	p.t.Helper()
	if err := p.copy.Step(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// backedUp makes a whole backup, as a program did that noted nothing of the copy.
func (p *keptPlace) backedUp() (dir string) {
	p.t.Helper()
	return p.backedUpAs(backup.State{})
}

// backedUpAs makes a whole backup that notes of the state when it was read, and of the copy where that was then.
func (p *keptPlace) backedUpAs(noted backup.State) (dir string) {
	p.t.Helper()
	dir, err := backup.Write(p.t.Context(), p.to, &backup.Manifest{Program: "v1", Began: time.Now().UTC()}, []backup.Part{{Name: "state", Write: func(ctx context.Context, dir string, m *backup.Manifest) error {
		path := filepath.Join(dir, backup.StateName)
		err := p.s.CopyTo(ctx, path)
		held, e := state.Inspect(ctx, path)
		m.State = noted
		m.State.Engine, m.State.Schema, m.State.Rows = "SQLite", held.Schema, held.Rows
		return errors.Join(err, e)
	}}})
	if err != nil {
		p.t.Fatal(err)
	}
	return dir
}

// touched gives all files of the copy the times that a copied folder has: those of the copying.
func (p *keptPlace) touched() {
	p.t.Helper()
	later := time.Now().Add(time.Hour)
	err := filepath.WalkDir(filepath.Join(p.to, shippedDir), func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, later, later))
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// silences counts what was restored.
func (p *keptPlace) silences(r *Restored, data string) int64 {
	p.t.Helper()
	held, err := state.Inspect(p.t.Context(), filepath.Join(data, backup.StateName))
	if err != nil {
		p.t.Fatalf("%v of %+v", err, r)
	}
	return held.Rows["silences"]
}

// Files that were copied are as old as the copying, so only what a copy says of itself tells whether it or a backup is newer.
func TestTheNewerStateIsRestoredWhateverTheTimesOfFilesAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(p *keptPlace)
		want int64
	}{
		"the copy went on after the backup": {func(p *keptPlace) {
			p.copied()
			p.backedUp()
			p.silence("after")
			p.copied()
			p.touched()
		}, 2},
		"the copy ended before the backup": {func(p *keptPlace) {
			p.copied()
			p.silence("after")
			p.backedUp()
			p.touched()
		}, 2},
		"a copy that ended before is damaged": {func(p *keptPlace) {
			p.copied()
			p.silence("after")
			p.backedUp()
			p.damage()
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, data := newKeptPlace(t), filepath.Join(t.TempDir(), "data")
			p.silence("before")
			c.make(p)
			r, err := Restore(t.Context(), RestoreOptions{From: p.to, Data: data})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.silences(r, data); got != c.want || r.StateAt.After(time.Now()) {
				t.Errorf("restored are %d silences as of %s, want %d", got, r.StateAt, c.want)
			}
		})
	}
}

// damage has the copy's database hold nothing that can be read.
func (p *keptPlace) damage() {
	p.t.Helper()
	all, err := filepath.Glob(filepath.Join(p.to, shippedDir, "*", "*"))
	if err != nil || len(all) < 3 {
		p.t.Fatalf("there are %v: %v", all, err)
	}
	for _, path := range all {
		if filepath.Base(path) == "as-of" {
			continue
		}
		if err := os.WriteFile(path, []byte(strings.Repeat("no database", 1000)), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// A copy that can't be taken says how the backup is restored without it.
func TestACopyThatIsDamagedNamesTheWayOut(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(p *keptPlace){
		"damaged": (*keptPlace).damage,
		"of another state": func(p *keptPlace) {
			other := newKeptPlace(p.t)
			other.copied()
			from, to := filepath.Join(other.to, shippedDir), filepath.Join(p.to, shippedDir)
			if err := errors.Join(os.RemoveAll(to), os.Rename(from, to)); err != nil {
				p.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newKeptPlace(t)
			dir := p.backedUp()
			p.silence("after")
			p.copied()
			spoil(p)
			_, err := Restore(t.Context(), RestoreOptions{From: p.to, VerifyOnly: true})
			if err == nil || !strings.Contains(err.Error(), "name that one: --from "+dir) {
				t.Errorf("got %v", err)
			}
			if _, err := Restore(t.Context(), RestoreOptions{From: dir, VerifyOnly: true}); err != nil {
				t.Errorf("the backup alone: %v", err)
			}
		})
	}
}

// A backup in a file is verified and restored as its folder is.
func TestABackupInAFileIsVerifiedAndRestored(t *testing.T) {
	t.Parallel()
	p, place := newKeptPlace(t), t.TempDir()
	p.silence("one")
	file := filepath.Join(place, "monday.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(backup.Pack(t.Context(), p.backedUp(), f), f.Close()); err != nil {
		t.Fatal(err)
	}
	if r, err := Restore(t.Context(), RestoreOptions{From: file, VerifyOnly: true}); err != nil || r.From != file {
		t.Errorf("it is %+v: %v", r, err)
	}
	data := filepath.Join(place, "data")
	r, err := Restore(t.Context(), RestoreOptions{From: file, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if n := p.silences(r, data); n != 1 || r.From != file {
		t.Errorf("restored of %s are %d silences", r.From, n)
	}
	// One that was cut, wherever that is, is named, and not the folder that it was unpacked to.
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(place, "cut.tar")
	for _, text := range [][]byte{whole[:len(whole)/2], whole[:700], bytes.Repeat([]byte("no tar "), 200), bytes.Replace(whole, []byte("SQLite format"), []byte("sqlite format"), 1)} {
		if err := os.WriteFile(cut, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, o := range []RestoreOptions{{From: cut, VerifyOnly: true}, {From: cut, Data: filepath.Join(place, "new")}} {
			if _, err := Restore(t.Context(), o); err == nil || !strings.HasPrefix(err.Error(), "the backup "+cut+" is damaged; restore another one: ") || strings.Contains(err.Error(), "burnline-restore-") {
				t.Errorf("%d bytes: %v", len(text), err)
			}
		}
	}
	// One that is larger than the disk is refused before anything of it is unpacked. It takes no room itself, having a hole.
	const large = 8 << 40
	var begin bytes.Buffer
	if err := tar.NewWriter(&begin).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: backup.StateName, Size: large, Mode: 0o600, Format: tar.FormatGNU}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(file, begin.Bytes(), 0o600), os.Truncate(file, large+2048)); err != nil {
		t.Fatal(err)
	}
	for _, o := range []RestoreOptions{{From: file, VerifyOnly: true}, {From: file, Data: filepath.Join(place, "more")}} {
		if _, err := Restore(t.Context(), o); !datadir.IsFull(err) || !strings.Contains(err.Error(), "to unpack the backup takes") {
			t.Errorf("got %v", err)
		}
	}
}

// madeIn has a backup say that it was made in another year, as one that was made while the clock was ahead.
func (p *keptPlace) madeIn(dir, year string) string {
	p.t.Helper()
	path := filepath.Join(dir, backup.ManifestName)
	text, err := os.ReadFile(path)
	to := filepath.Join(p.to, "burnline-"+year+filepath.Base(dir)[len("burnline-2006"):])
	dates := regexp.MustCompile(`"(began|ended|at)": "\d{4}-`)
	if err := errors.Join(err, os.WriteFile(path, dates.ReplaceAll(text, []byte(`"$1": "`+year+"-")), 0o600), os.Rename(dir, to)); err != nil {
		p.t.Fatal(err)
	}
	return to
}

// Where a backup says how far the copy was, no date decides which of them is newer.
func TestTheNewerStateIsRestoredWhateverTheClockWas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		year string
		goOn func(p *keptPlace)
		want int64
	}{
		"the clock was ahead, and the copy went on": {"2036", func(p *keptPlace) {
			p.silence("after")
			p.copied()
		}, 2},
		"the clock was ahead, and a start began another copy": {"2036", func(p *keptPlace) {
			p.silence("after")
			p.begun()
			p.copied()
		}, 2},
		"the clock was ahead, and nothing came after the backup":  {"2036", func(p *keptPlace) { p.damage() }, 1},
		"the clock was behind, and nothing came after the backup": {"2001", func(p *keptPlace) { p.damage() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, data := newKeptPlace(t), filepath.Join(t.TempDir(), "data")
			p.silence("before")
			p.copied()
			p.madeIn(p.backedUpAs(beginState(p.to, time.Now())), c.year)
			c.goOn(p)
			r, err := Restore(t.Context(), RestoreOptions{From: p.to, Data: data})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.silences(r, data); got != c.want {
				t.Errorf("restored are %d silences as of %s, want %d", got, r.StateAt, c.want)
			}
		})
	}
}

// begun is another start, which begins another copy.
func (p *keptPlace) begun() {
	p.t.Helper()
	h, err := p.s.NewShipper(p.t.Context(), state.ShipOptions{To: filepath.Join(p.to, shippedDir), Mine: func(context.Context) error { return nil }})
	if err != nil {
		p.t.Fatal(err)
	}
	p.copy = h
}

// Where dates alone tell what is the newest, and the last one lies in the future, nobody is given an old state without a word.
func TestARestoreAsksWhereAClockWasAhead(t *testing.T) {
	t.Parallel()
	p := newKeptPlace(t)
	p.silence("before")
	dir := p.madeIn(p.backedUp(), "2036")
	p.silence("after")
	p.copied()
	copied, _, err := state.Shipped(filepath.Join(p.to, shippedDir))
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(copied, "base.db")
	if _, err := Restore(t.Context(), RestoreOptions{From: p.to, VerifyOnly: true}); err == nil || !strings.Contains(err.Error(), "--from "+dir+";") || !strings.Contains(err.Error(), "--from "+base) {
		t.Errorf("it does not name both choices: %v", err)
	}
	place := t.TempDir()
	for from, want := range map[string]int64{dir: 1, base: 2} {
		data := filepath.Join(place, filepath.Base(from))
		r, err := Restore(t.Context(), RestoreOptions{From: from, Data: data})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.silences(r, data); got != want {
			t.Errorf("%s: restored are %d silences, want %d", from, got, want)
		}
	}
	// The same of copies that a program left which named them by its clock.
	p = newKeptPlace(t)
	p.silence("before")
	p.copied()
	p.backedUp()
	copied, _, err = state.Shipped(filepath.Join(p.to, shippedDir))
	ahead := filepath.Join(p.to, shippedDir, "20360101T000000.000000000Z")
	if err = errors.Join(err, os.CopyFS(ahead, os.DirFS(copied)), os.WriteFile(filepath.Join(ahead, "as-of"), []byte("2036-01-01T00:00:00.000000000Z\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{From: p.to, VerifyOnly: true}); err == nil || !strings.Contains(err.Error(), "2036-01-01T00:00:00Z, which is in the future") {
		t.Errorf("got %v", err)
	}
}
