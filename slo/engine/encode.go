package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"

	"burnline/slo"
)

// checkpointVersion is that of the encoding; another one is not read.
const checkpointVersion = 2

// hashSize is how much of a definition's hash a checkpoint carries.
const hashSize = 16

// countingHash identifies what is counted of a definition: those of one hash count alike,
// whatever their objectives and policies are.
func countingHash(d *slo.Definition, k keep) ([hashSize]byte, error) {
	text, err := json.Marshal(struct {
		SLI           slo.SLI
		GroupBy       []string
		Budgeting     slo.Budgeting
		Longest, Step int64
	}{d.SLI, d.GroupBy, d.Budgeting, int64(k.longest), int64(k.step)})
	sum := sha256.Sum256(text)
	return [hashSize]byte(sum[:hashSize]), err
}

// encodeCheckpoint returns everything that was counted; nil where it can't be
// told what the definition counts. Times are written as distances to now. The same
// counts give the same bytes. The caller holds the SLO's mu.
func encodeCheckpoint(t *tracked, now int64) []byte {
	hash, err := countingHash(t.def, t.acc.keep)
	if err != nil {
		return nil
	}
	w := &writer{now: now, strings: map[string]uint64{}}
	w.accumulator(t.acc)
	families := w.series(t)
	for _, i := range families {
		w.time(t.acc.families[i].forgotten)
	}
	w.groups(t)

	out := append([]byte{checkpointVersion}, hash[:]...)
	out = binary.AppendVarint(out, now)
	out = binary.AppendUvarint(out, uint64(len(w.list)))
	for _, s := range w.list {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	out = append(out, w.out...)
	return binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// writer encodes; strings are written once, in order of their first use.
type writer struct {
	now     int64
	out     []byte
	strings map[string]uint64
	list    []string
}

func (w *writer) count(n int)  { w.out = binary.AppendUvarint(w.out, uint64(n)) }
func (w *writer) time(t int64) { w.out = binary.AppendVarint(w.out, t-w.now) }

func (w *writer) flag(v bool) {
	var b byte
	if v {
		b = 1
	}
	w.out = append(w.out, b)
}

func (w *writer) text(s string) {
	i, ok := w.strings[s]
	if !ok {
		i = uint64(len(w.list))
		w.strings[s] = i
		w.list = append(w.list, s)
	}
	w.out = binary.AppendUvarint(w.out, i)
}

func (w *writer) labels(ls slo.Labels) {
	w.count(len(ls))
	for _, l := range ls {
		w.text(l.Name)
		w.text(l.Value)
	}
}

// number writes a whole number that is near the one before it in a few bytes.
func (w *writer) number(v, before float64) {
	d := v - before
	if math.Abs(v) < 1<<53 && math.Abs(d) < 1<<53 && d == math.Trunc(d) && before+d == v {
		w.out = binary.AppendVarint(append(w.out, 1), int64(d))
		return
	}
	w.out = binary.LittleEndian.AppendUint64(append(w.out, 0), math.Float64bits(v))
}

func (w *writer) accumulator(a *accumulator) {
	for _, at := range []int64{a.newest, a.newestCount, a.newestBucket, a.newestClassic, a.notNumber, a.floor, a.first} {
		w.time(at)
	}
	w.count(int(a.interval))
	for _, word := range a.traffic.bits {
		w.out = binary.LittleEndian.AppendUint64(w.out, word)
	}
	w.out = binary.AppendVarint(w.out, a.traffic.newest)
	for _, at := range []int64{a.traffic.last, a.traffic.came, a.traffic.reported} {
		w.time(at)
	}
	w.count(len(a.corrected))
	for _, s := range a.corrected {
		w.time(s.from)
		w.time(s.to)
	}
}

// series writes all series in order of their numbers, and returns the families
// in order of their first series.
func (w *writer) series(t *tracked) []int32 {
	n := 0
	for _, se := range t.acc.series {
		if se != nil {
			n++
		}
	}
	w.count(n)
	seen := map[int32]bool{}
	var families []int32
	for _, se := range t.acc.series {
		if se == nil {
			continue
		}
		if !seen[se.m.family] {
			seen[se.m.family] = true
			families = append(families, se.m.family)
		}
		w.labels(se.m.labels())
		w.kept(&se.kept)
		if se.m.native {
			w.time(t.acc.natives[se.m.twin].first)
		}
		w.flag(se.whole)
		w.flag(se.birth != nil)
		if b := se.birth; b != nil {
			w.time(b.t)
			w.time(b.from)
			w.time(b.sibling)
			w.number(b.v[0], 0)
			w.number(b.v[1], 0)
		}
		at, late := t.late[se.m]
		w.flag(late)
		if late {
			w.time(at)
		}
	}
	return families
}

func (w *writer) kept(k *kept) {
	w.count(k.len())
	w.out = append(w.out, byte(k.form))
	before := point{t: w.now}
	for i, p := range k.points(nil) {
		w.out = binary.AppendVarint(w.out, p.t-before.t)
		w.number(p.v[0], before.v[0])
		if i == 0 || k.form&ownStarts != 0 {
			w.out = binary.AppendVarint(w.out, p.st-before.st)
		}
		if k.form&twoValues != 0 {
			w.number(p.v[1], before.v[1])
		}
		before = p
	}
}

func (w *writer) groups(t *tracked) {
	labels := t.table.groupLabels()
	n := 0
	for _, g := range t.acc.groups {
		if g != nil {
			n++
		}
	}
	w.count(n)
	for i, g := range t.acc.groups {
		if g == nil {
			continue
		}
		w.labels(labels[i])
		w.time(g.covered)
		w.time(g.newest)
		w.number(g.total, 0)
		w.number(g.bad, 0)
		w.rings(g.rings)
		w.flag(g.out != nil)
		if g.out != nil {
			w.rings(g.out)
		}
		c := t.cumulative[i]
		w.flag(c != nil)
		if c != nil {
			for _, v := range []float64{c.offset.Good, c.offset.Total, c.last.Good, c.last.Total} {
				w.number(v, 0)
			}
		}
	}
}

func (w *writer) rings(r *rings) {
	for _, tr := range r.parts() {
		w.out = binary.AppendVarint(w.out, tr.first)
		w.count(len(tr.pages))
		for _, p := range tr.pages {
			if p == nil {
				p = &page{}
			}
			w.column(p.total)
			w.column(p.bad)
		}
	}
}

// column writes the width of the cells in bytes, 0 for a column of zeros, and the cells.
func (w *writer) column(c column) {
	switch c := c.(type) {
	case *cells[uint8]:
		w.out = append(append(w.out, 1), c[:]...)
	case *cells[uint16]:
		w.out = append(w.out, 2)
		for _, v := range c {
			w.out = binary.LittleEndian.AppendUint16(w.out, v)
		}
	case *cells[uint32]:
		w.out = append(w.out, 4)
		for _, v := range c {
			w.out = binary.LittleEndian.AppendUint32(w.out, v)
		}
	case *cells[float64]:
		w.out = append(w.out, 8)
		for _, v := range c {
			w.out = binary.LittleEndian.AppendUint64(w.out, math.Float64bits(v))
		}
	default:
		w.out = append(w.out, 0)
	}
}
