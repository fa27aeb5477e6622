package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheTableSaysWhatASeriesTakes(t *testing.T) {
	var b strings.Builder
	o := options{series: 1024, interval: 15 * time.Second, past: time.Minute, settle: time.Second}
	all := []*measured{{name: "Burnline", before: 100 << 20, after: 103 << 20, log: 9000}, {name: "Prometheus", before: 50 << 20, after: 52 << 20, log: 12000}}
	if err := o.report(all, 1000).Write(&b); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"| Burnline | 100 | 103 | 3.00 | 9.0 |", "| Prometheus | 50 | 52 | 2.00 | 12.0 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestAFolderIsAsLargeAsItsFiles(t *testing.T) {
	dir := t.TempDir()
	for name, n := range map[string]int{"a": 3, filepath.Join("below", "b"): 4} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := sizeOf(dir); got != 7 || err != nil {
		t.Errorf("%d bytes, %v", got, err)
	}
}

func TestWithoutABinaryItSaysWhatToDo(t *testing.T) {
	if err := run(t.Context(), nil, nil, nil); err == nil || !strings.Contains(err.Error(), "go build -o burnline") {
		t.Errorf("got %v", err)
	}
}
