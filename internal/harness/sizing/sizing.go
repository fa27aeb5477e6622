// Package sizing holds what tests measure against the table of docs/sizing.md, so that its figures stay true.
package sizing

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// Figures are the rows of the table in docs/sizing.md: the number in the second column by the name in the first.
func Figures(t testing.TB) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "sizing.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ([^|]+?) +\| ([0-9.,]+) `)
	all := map[string]float64{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", ""), 64)
		if err != nil {
			t.Fatalf("docs/sizing.md: %s: %v", m[1], err)
		}
		all[m[1]] = n
	}
	return all
}

// Holds requires that the docs state a figure and that what was measured is within a factor of it, either way.
func Holds(t testing.TB, name string, measured, factor float64) {
	t.Helper()
	stated, there := Figures(t)[name]
	t.Logf("%s: measured %.4g, docs/sizing.md states %.4g", name, measured, stated)
	switch {
	case !there:
		t.Errorf("docs/sizing.md has no row %q; %.4g was measured", name, measured)
	case measured > stated*factor || measured < stated/factor:
		t.Errorf("%s: measured %.4g, and docs/sizing.md states %.4g: measure and write what is", name, measured, stated)
	}
}

// Heap is what lives on the heap, in bytes: what nobody holds any more is collected before.
func Heap() float64 {
	var m runtime.MemStats
	for range 2 { // what has a finalizer, or lies in a pool, goes with the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// root is the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("there is no go.mod above this folder")
		}
		dir = above
	}
}
