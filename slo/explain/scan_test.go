package explain

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// random draws rows with attributes that hang together; a combination of three fails more,
// and where there is a baseline another one always did.
func random(rng *rand.Rand, rows, attributes int, baseline bool) Table {
	var t Table
	for a := range attributes {
		t.Attributes = append(t.Attributes, fmt.Sprint("attribute", a))
	}
	for i := range rows {
		values := make([]string, attributes)
		for a := range values {
			n := rng.IntN(3+2*a) * rng.IntN(2)
			if a > 0 && rng.IntN(4) == 0 {
				n = len(values[a-1])
			}
			values[a] = strings.Repeat("v", n)
		}
		row := Row{Values: values}
		ratio := 0.01
		if baseline && values[2] == "vv" {
			ratio = 0.2
		}
		now := !baseline || i%2 == 0
		if now && values[0] == "v" && values[1] == "v" {
			ratio = 0.15
		}
		failed := 0.0
		if rng.Float64() < ratio {
			failed = 1
		}
		if now {
			row.Bad, row.Total = failed, 1
		} else {
			row.BaselineBad, row.BaselineTotal = failed, 1
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// brute judges every combination of the rows, one after another.
func brute(s *scan, rows []int32) cause {
	sums := map[string]*cause{}
	for _, r := range rows {
		var add func(from int, columns []int, codes []int32)
		add = func(from int, columns []int, codes []int32) {
			if len(columns) > 0 {
				key := fmt.Sprint(columns, codes)
				if sums[key] == nil {
					sums[key] = &cause{columns: slices.Clone(columns), codes: slices.Clone(codes)}
				}
				sums[key].weight.add(&s.weights[r])
			}
			for j := from; j < len(s.cols.cols) && len(columns) < s.opt.Depth; j++ {
				if code := s.cols.cols[j].codes[r]; code != missing {
					add(j+1, append(columns, j), append(codes, code))
				}
			}
		}
		add(0, nil, nil)
	}
	all := s.cols.sum(s.weights, rows)
	var best cause
	for _, one := range sums {
		f, cost := judge(one.weight, all), s.costs.of(one.columns)
		one.score = f.llr - cost
		fits := one.weight.bad >= max(s.opt.MinFailures, s.least) && f.excess >= s.least && f.lift >= s.opt.MinLift && f.sure > cost
		if fits && one.score > best.score && !s.excuses(one) {
			best = *one
		}
	}
	return best
}

func TestTheScanFindsWhatJudgingEveryCombinationFinds(t *testing.T) {
	named := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		o := Options{}.complete()
		c := encode(random(rng, 300+rng.IntN(1500), 3+rng.IntN(3), seed%2 == 1), o)
		usual := c.expect(o)
		s := newScan(c, c.now, c.rows, o)
		s.usual, s.past = usual, c.past
		got := s.run(c.rows)
		want := brute(s, c.rows)
		if math.Abs(got.score-want.score) > 1e-6 {
			t.Errorf("seed %d: found %v %v with %v, best is %v %v with %v", seed, got.columns, got.codes, got.score, want.columns, want.codes, want.score)
		}
		if got.score > 0 {
			named++
		}
	}
	if named < 20 {
		t.Errorf("a cause was named in %d of 60 tables only: the test shows nothing", named)
	}
}

func TestTheCeilingIsNeverBelowWhatAPartReaches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		usual := rng.Float64() * rng.Float64() * 0.2 * float64(rng.IntN(2))
		draw := func() weight {
			w := weight{total: float64(1 + rng.IntN(300))}
			w.bad = math.Floor(w.total * rng.Float64() * rng.Float64())
			if usual > 0 {
				w.expected = w.total * (usual + rng.Float64()*rng.Float64()*0.3)
				w.unsure = w.expected / float64(1+rng.IntN(1000))
			}
			return w
		}
		part, beside, out := draw(), draw(), draw()
		in, all := part, part
		in.add(&beside)
		all.add(&beside)
		all.add(&out)
		f := judge(part, all)
		if most := ceiling(in, all, usual); f.llr > most+1e-9 || f.sure > f.llr+1e-9 {
			t.Fatalf("a part reaches %v, sure %v, and the ceiling is %v: part %+v in %+v of %+v, usual %v", f.llr, f.sure, most, part, in, all, usual)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for _, baseline := range []bool{false, true} {
		rows := 20_000
		if baseline {
			rows *= 2
		}
		table := random(rand.New(rand.NewPCG(1, 1)), rows, 8, baseline)
		b.Run(fmt.Sprintf("20k events, 8 attributes, baseline %v", baseline), func(b *testing.B) {
			for b.Loop() {
				Find(table, Options{})
			}
		})
	}
}
