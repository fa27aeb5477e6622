package app

import (
	"errors"
	"strings"
	"testing"

	"burnline/internal/datadir"
)

func TestWhatTakesMostRoomStopsFirst(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		name       string
		free, size int64
		refused    string
	}{
		{"half of it is free", 50 * gib, 100 * gib, ""},
		{"a large disk needs no twentieth", 3 * gib, 100 * gib, ""},
		{"below 2 GiB no traces are kept", 2*gib - 1, 100 * gib, "traces"},
		{"below 1 GiB no samples either", gib - 1, 100 * gib, "traces samples"},
		{"below 256 MiB no start", 256*mib - 1, 100 * gib, "traces samples start"},
		{"a small disk keeps back shares", 11 * mib, 100 * mib, ""},
		{"a tenth", 10*mib - 1, 100 * mib, "traces"},
		{"a twentieth", 5*mib - 1, 100 * mib, "traces samples"},
		{"an eightieth", 5*mib/4 - 1, 100 * mib, "traces samples start"},
		{"nothing", 0, 100 * mib, "traces samples start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := disk{dir: "data", look: func(string) (datadir.Room, error) { return datadir.Room{Free: c.free, Size: c.size}, nil }}
			var refused []string
			for _, one := range []struct {
				what string
				why  error
			}{{"traces", d.traces()}, {"samples", d.samples()}, {"start", d.start()}} {
				if one.why == nil {
					continue
				}
				refused = append(refused, one.what)
				if !datadir.IsFull(one.why) || !strings.HasPrefix(one.why.Error(), "the disk of data is full: ") || !strings.HasSuffix(one.why.Error(), "; free space") {
					t.Errorf("%s: %v", one.what, one.why)
				}
			}
			if got := strings.Join(refused, " "); got != c.refused {
				t.Errorf("refused are %q, want %q", got, c.refused)
			}
		})
	}
}

func TestADiskThatSaysNothingStopsNothing(t *testing.T) {
	d := disk{dir: "data", look: func(string) (datadir.Room, error) { return datadir.Room{}, errors.New("no answer") }}
	if err := errors.Join(d.traces(), d.samples(), d.start(), d.fits(1<<50, "a backup takes")); err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotFitBesideWhatSamplesLeaveIsRefused(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	d := disk{dir: "data", look: func(string) (datadir.Room, error) { return datadir.Room{Free: 15 * mib, Size: 100 * mib}, nil }}
	if err := d.fits(10*mib, "a backup takes"); err != nil {
		t.Error(err)
	}
	want := "the disk of data has 15.0 MiB free; a backup takes about 10.0 MiB, and 5.0 MiB stay free for samples, incidents and pages; free space"
	if err := d.fits(10*mib+1, "a backup takes"); !datadir.IsFull(err) || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
