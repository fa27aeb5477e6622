package engine

import (
	"encoding/binary"
	"testing"
	"time"

	"burnline/slo"
)

// FuzzAccumulator feeds any samples of three series in any order: it never
// panics, a sample twice changes nothing, and what comes in one order or, where
// nothing was too late, another gives the same counts.
func FuzzAccumulator(f *testing.F) {
	f.Add([]byte{0, 1, 0, 9, 0, 2, 0, 12, 1, 2, 0, 5, 0, 0, 0, 3})
	f.Add([]byte{0, 1, 0, 9, 2, 200, 3, 12, 1, 2, 0, 0, 1, 250, 0, 3, 0, 255, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		d := eventsSLO("a/b")
		table, err := newTable(&d)
		if err != nil {
			t.Fatal(err)
		}
		var members []*member
		for i, code := range []string{"200", "500", "404"} {
			members = append(members, table.bind(reqSeries(code, i)))
		}
		now := time.Unix(1_700_000_400, 0)
		var entries []entry
		for ; len(data) >= 4; data = data[4:] {
			s := slo.Sample{T: now.UnixMilli() - 200_000 + int64(binary.LittleEndian.Uint16(data[1:]))*3, V: float64(data[3])}
			if data[0]&4 > 0 {
				s.ST = s.T - int64(data[0])*1000
			}
			entries = append(entries, entry{members[data[0]%3], s})
		}
		once, exact := feed(d, entries, now, 1)
		twice, _ := feed(d, entries, now, 2)
		if once != twice {
			t.Fatalf("once %v, twice %v", once, twice)
		}
		seen := map[[2]int64]float64{}
		for _, e := range entries {
			k := [2]int64{int64(e.m.index), e.T}
			if v, ok := seen[k]; ok && v != e.V {
				return // two values at one moment: the first wins
			}
			seen[k] = e.V
			exact = exact && e.ST == 0
		}
		sortByTime(entries)
		sorted, alsoExact := feed(d, entries, now, 1)
		if exact && alsoExact && (!near(once.Total, sorted.Total) || !near(once.Good, sorted.Good)) {
			t.Fatalf("as it came %v, in order of time %v", once, sorted)
		}
	})
}

func feed(d slo.Definition, entries []entry, now time.Time, times int) (slo.Counts, bool) {
	a := newAccumulator(keepOf(&d), DefaultLateness)
	exact := true
	for _, e := range entries {
		for range times {
			switch a.add(e.m, e.Sample, now.UnixMilli()) {
			case unknown:
				if p, kind := e.m.point(e.Sample); kind == readable {
					exact = a.adopt(e.m, nil, p, now.UnixMilli()) != tooLate && exact
				}
			case tooLate:
				exact = false
			}
		}
	}
	return over(a.group(0).rings, now, time.Hour), exact
}
