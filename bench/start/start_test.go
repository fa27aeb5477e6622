package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheReportHasBothAndTheirExtremes(t *testing.T) {
	var b strings.Builder
	o := options{runs: 2, settle: 15 * time.Second}
	ours := []figures{{200 * time.Millisecond, 90e6}, {300 * time.Millisecond, 110e6}}
	if err := report(o, ours, []figures{{time.Second, 150e6}}).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"| burnline serve ", "| 0.25 s ", "| 0.30 s ", "| 100 MB ", "| 110 MB ", "| prometheus + prometheus-alertmanager | 1.00 s "} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
}
