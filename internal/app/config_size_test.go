package app

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"burnline/internal/datadir"
	"burnline/internal/yamlconf"
	"burnline/web"
)

const (
	mib = int64(1) << 20
	gib = int64(1) << 30
)

func TestStoresKeepAShareOfTheDisk(t *testing.T) {
	for _, c := range []struct {
		name             string
		disk             int64
		metrics, traces  StoreSize
		samples, spansIn int64
	}{
		{"of a large disk no more than anybody expects", 1000 * gib, AutoSize, AutoSize, 50 * gib, 2 * gib},
		{"of a small one two fifths and a twentieth", 20 * gib, AutoSize, AutoSize, 8 * gib, gib},
		{"of a tiny one the least", 100 * mib, AutoSize, AutoSize, 40 * mib, 16 * mib},
		{"of one that says nothing what was kept before there was a share", 0, AutoSize, AutoSize, 50 * gib, 2 * gib},
		{"what is written holds on any disk", gib, StoreSize(30 * gib), StoreSize(3 * gib), 30 * gib, 3 * gib},
		{"no bound stays none", gib, 0, AutoSize, 0, 51 * mib},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Config{DiskSize: c.disk, Metrics: MetricsConfig{MaxSize: c.metrics}, Traces: TracesConfig{MaxSize: c.traces}}
			if got := config.MetricsSize(); got/mib != c.samples/mib {
				t.Errorf("samples may take %d, want %d", got, c.samples)
			}
			if got := config.TracesSize(); got/mib != c.spansIn/mib {
				t.Errorf("traces may take %d, want %d", got, c.spansIn)
			}
		})
	}
}

// What two stores, a drill's copy of the samples and the room that is left free take together is less than any disk has.
func TestTheSharesOfADiskFitOnIt(t *testing.T) {
	for disk := 400 * mib; disk < 10_000*gib; disk += disk / 3 {
		c := Config{DiskSize: disk, Metrics: MetricsConfig{MaxSize: AutoSize}, Traces: TracesConfig{MaxSize: AutoSize}}
		if taken := 2*c.MetricsSize() + c.TracesSize() + 2*kept(disk); taken > disk/100*96 {
			t.Errorf("%s of a disk of %s are taken", short(taken), short(disk))
		}
		if found := c.oversized(); len(found) > 0 {
			t.Errorf("a disk of %s: %v", short(disk), found)
		}
	}
}

func TestABoundThatIsNeverReachedIsAWarning(t *testing.T) {
	for _, c := range []struct {
		name            string
		metrics, traces StoreSize
		remote          bool
		want            []string
	}{
		{"shares", AutoSize, AutoSize, false, nil},
		{"what just fits", StoreSize(95 * gib), StoreSize(3 * gib), false, nil},
		{"more samples than the disk holds", StoreSize(200 * gib), AutoSize, false, []string{
			"metrics.max_size: 200GiB, with 2048MiB of the other store, are more than the disk of data has room for (98GiB of 100GiB): what comes is refused before the oldest goes; write auto, or 40GiB at most"}},
		{"more traces", AutoSize, StoreSize(99 * gib), false, []string{
			"traces.max_size: 99GiB, with 40GiB of the other store, are more than the disk of data has room for (98GiB of 100GiB): what comes is refused before the oldest goes; write auto, or 5120MiB at most"}},
		{"both", StoreSize(60 * gib), StoreSize(60 * gib), false, []string{
			"metrics.max_size: 60GiB, with 60GiB of the other store, are more than the disk of data has room for (98GiB of 100GiB): what comes is refused before the oldest goes; write auto, or 40GiB at most",
			"traces.max_size: 60GiB, with 60GiB of the other store, are more than the disk of data has room for (98GiB of 100GiB): what comes is refused before the oldest goes; write auto, or 5120MiB at most"}},
		{"samples that lie elsewhere", StoreSize(200 * gib), AutoSize, true, nil},
		{"no bound at all", 0, AutoSize, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Config{Data: "data", DiskSize: 100 * gib, Metrics: MetricsConfig{MaxSize: c.metrics}, Traces: TracesConfig{MaxSize: c.traces}}
			if c.remote {
				config.Metrics.Remote = &RemoteConfig{}
			}
			var got []string
			for _, f := range config.oversized() {
				got = append(got, fmt.Sprintf("%s: %s; %s", f.Path, f.Message, f.Instead))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found are %q\nwant %q", got, c.want)
			}
			if errs := config.oversized().Errors(); len(errs) > 0 {
				t.Errorf("it keeps the server from starting: %v", errs)
			}
		})
	}
}

func TestTheDiskOfAFolderThatIsNotThereYetIsThatOfTheOneAbove(t *testing.T) {
	on := func(dirs map[string]int64) func(string) (datadir.Room, error) {
		return func(dir string) (datadir.Room, error) {
			if n, there := dirs[dir]; there {
				return datadir.Room{Size: n}, nil
			}
			return datadir.Room{}, fmt.Errorf("ask: %w", fs.ErrNotExist)
		}
	}
	for _, c := range []struct {
		dir  string
		look func(string) (datadir.Room, error)
		want int64
	}{
		{"/var/lib/burnline", on(map[string]int64{"/var/lib/burnline": 5, "/": 7}), 5},
		{"/var/lib/burnline", on(map[string]int64{"/var": 6, "/": 7}), 6},
		{"/var/lib/burnline", on(nil), 0},
		{"/var", func(string) (datadir.Room, error) { return datadir.Room{}, errors.New("not allowed") }, 0},
	} {
		if got := sizeOfDisk(c.dir, c.look); got != c.want {
			t.Errorf("of %s: %d, want %d", c.dir, got, c.want)
		}
	}
}

func TestSizesOfStoresAreReadAsWritten(t *testing.T) {
	for text, want := range map[string]StoreSize{"auto": AutoSize, "0": 0, "10GiB": StoreSize(10 * gib), "1GB": 1e9} {
		var c Config
		if _, findings := yamlconf.Decode([]byte("metrics: {max_size: "+text+"}"), &c, yamlconf.Options{}); len(findings) > 0 || c.Metrics.MaxSize != want {
			t.Errorf("%s is read as %d: %v", text, c.Metrics.MaxSize, findings)
		}
	}
	var c Config
	_, findings := yamlconf.Decode([]byte("traces: {max_size: -1}"), &c, yamlconf.Options{File: "f.yaml"})
	if want := `f.yaml:1: traces.max_size: "-1" is no size; write one such as 512MiB or 50GiB`; findings.Error() != want {
		t.Errorf("found is %s, want %s", findings, want)
	}
}

func TestStoresMayStillGrowUpToTheirLimits(t *testing.T) {
	got := growth([]web.Storage{
		{Name: "metrics", Limit: 50, Bytes: new(int64(30))}, {Name: "traces", Limit: 5, Bytes: new(int64(7))}, {Name: "state", Bytes: new(int64(9))}, {Name: "unknown", Limit: 3},
	})
	if got != 20 {
		t.Errorf("they may grow by %d, want 20", got)
	}
}
