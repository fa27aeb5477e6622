package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"burnline/slo"
)

var (
	errCheckpointVersion = errors.New("it was written by another version")
	errCheckpointDamaged = errors.New("it is damaged")
	errCheckpointOther   = errors.New("the definition counts something else now")
)

// decodeCheckpoint reads what encodeCheckpoint wrote into fresh counts, and makes
// the series known to the SLO's table.
func decodeCheckpoint(data []byte, t *tracked, lateness time.Duration, now int64) (*resumed, error) {
	if len(data) < 1+hashSize+4 {
		return nil, errCheckpointDamaged
	}
	if data[0] != checkpointVersion {
		return nil, errCheckpointVersion
	}
	body, sum := data[:len(data)-4], data[len(data)-4:]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(sum) {
		return nil, errCheckpointDamaged
	}
	hash, err := countingHash(t.def, t.acc.keep)
	if err != nil || hash != [hashSize]byte(body[1:1+hashSize]) {
		return nil, errCheckpointOther
	}
	return decodeCounts(body[1+hashSize:], t, lateness, now)
}

// decodeCounts reads the part behind version and hash.
func decodeCounts(data []byte, t *tracked, lateness time.Duration, now int64) (*resumed, error) {
	r := &reader{in: data}
	out := &resumed{
		acc: newAccumulator(t.acc.keep, lateness), at: r.varint(), cumulative: map[int]*cumulative{}, late: map[*member]int64{},
	}
	r.now = out.at
	if out.at > now || now-out.at > t.acc.keep.longest.Milliseconds() {
		return nil, fmt.Errorf("it is of %s", time.UnixMilli(out.at).UTC().Format(time.RFC3339))
	}
	for range r.size(1) {
		r.list = append(r.list, string(r.bytes(r.size(1))))
	}
	r.accumulator(out.acc)
	families := r.series(t, out)
	for _, i := range families {
		out.acc.family(int(i)).forgotten = r.time()
	}
	r.groups(t, out)
	if r.err == nil && len(r.in) > 0 {
		r.err = errCheckpointDamaged
	}
	return out, r.err
}

// reader decodes; after the first error everything reads as 0.
type reader struct {
	now  int64
	in   []byte
	list []string
	err  error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errCheckpointDamaged
	}
	r.in = nil
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.in) {
		r.fail()
		return nil
	}
	b := r.in[:n]
	r.in = r.in[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.in)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[n:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.in)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[n:]
	return v
}

// size reads how many follow of what takes each so many bytes at least.
func (r *reader) size(each int) int {
	n := r.uvarint()
	if n > uint64(len(r.in)/each) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) time() int64 { return r.now + r.varint() }
func (r *reader) flag() bool  { return r.byte() != 0 }

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) text() string {
	i := r.uvarint()
	if i >= uint64(len(r.list)) {
		r.fail()
		return ""
	}
	return r.list[i]
}

func (r *reader) labels() slo.Labels {
	ls := make(slo.Labels, r.size(2))
	for i := range ls {
		ls[i] = slo.Label{Name: r.text(), Value: r.text()}
	}
	return ls
}

func (r *reader) number(before float64) float64 {
	v := before
	if r.flag() {
		v += float64(r.varint())
	} else {
		v = math.Float64frombits(r.uint64())
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail()
		return 0
	}
	return v
}

func (r *reader) accumulator(a *accumulator) {
	for _, at := range []*int64{&a.newest, &a.newestCount, &a.newestBucket, &a.newestClassic, &a.notNumber, &a.floor, &a.first} {
		*at = r.time()
	}
	a.interval = int64(r.uvarint())
	for i := range a.traffic.bits {
		a.traffic.bits[i] = r.uint64()
	}
	a.traffic.newest = r.varint()
	for _, at := range []*int64{&a.traffic.last, &a.traffic.came, &a.traffic.reported} {
		*at = r.time()
	}
	for range r.size(2) {
		a.corrected = append(a.corrected, span{r.time(), r.time()})
	}
}

func (r *reader) series(t *tracked, out *resumed) []int32 {
	a := out.acc
	seen := map[int32]bool{}
	var families []int32
	for range r.size(4) {
		m := t.table.bind(slo.NewSeries(r.labels()))
		if r.err != nil || m == nil || a.knows(m) {
			r.fail()
			return nil
		}
		if !seen[m.family] {
			seen[m.family] = true
			families = append(families, m.family)
		}
		se := a.newSeries(m)
		r.kept(&se.kept)
		if r.err != nil {
			return nil
		}
		if m.native {
			a.remember(m.twin, r.time()) // what it has from its first sample on is not the classic form's
			a.remember(m.twin, se.kept.end())
		}
		se.whole = r.flag()
		m.saw(se.kept.end())
		a.series = grow(a.series, int(m.index))
		a.series[m.index] = se
		f := a.family(int(m.family))
		f.all = append(f.all, se)
		if r.flag() {
			se.birth = &birth{t: r.time(), from: r.time(), sibling: r.time(), v: [2]float64{r.number(0), r.number(0)}}
			f.born = append(f.born, se)
			f.note(se.birth)
		}
		if r.flag() {
			out.late[m] = r.time()
		}
		a.group(int(m.group))
	}
	return families
}

func (r *reader) kept(k *kept) {
	n := r.size(3)
	f := form(r.byte())
	if n == 0 {
		r.fail()
		return
	}
	before := point{t: r.now}
	for i := range n {
		p := point{t: before.t + r.varint(), st: before.st}
		p.v[0] = r.number(before.v[0])
		if i == 0 || f&ownStarts != 0 {
			p.st += r.varint()
		}
		if f&twoValues != 0 {
			p.v[1] = r.number(before.v[1])
		}
		if r.err != nil || i > 0 && p.t <= before.t {
			r.fail()
			return
		}
		k.insert(i, p)
		before = p
	}
}

func (r *reader) groups(t *tracked, out *resumed) {
	for range r.size(8) {
		number, ok := t.table.groupNumber(r.labels())
		if !ok || r.err != nil {
			r.fail()
			return
		}
		g := out.acc.group(number)
		g.covered, g.newest = r.time(), r.time()
		g.total, g.bad = r.number(0), r.number(0)
		r.rings(g.rings)
		if r.flag() {
			g.out = newRings(out.acc.keep)
			r.rings(g.out)
		}
		if r.flag() {
			c := &cumulative{}
			for _, v := range []*float64{&c.offset.Good, &c.offset.Total, &c.last.Good, &c.last.Total} {
				*v = r.number(0)
			}
			out.cumulative[number] = c
		}
	}
}

func (r *reader) rings(rs *rings) {
	for _, tr := range rs.parts() {
		tr.first = r.varint()
		tr.pages = make([]*page, r.size(2))
		// Every page lies where samples may: not after what is ahead of the checkpoint.
		end := floorDiv(floorDiv(r.now+ahead, tr.step), pageSize) + 1
		if span := tr.first + int64(len(tr.pages)) - 1; len(tr.pages) > 0 && (span > end || tr.first > span || tr.first < 0) {
			r.fail()
			return
		}
		for i := range tr.pages {
			p := page{total: r.column(), bad: r.column()}
			if p.total != nil || p.bad != nil {
				tr.pages[i] = &p
			}
		}
	}
}

func (r *reader) column() column {
	width := int(r.byte())
	if width == 0 {
		return nil
	}
	b := r.bytes(width * pageSize)
	if b == nil {
		return nil
	}
	switch width {
	case 1:
		return (*cells[uint8])(append([]uint8(nil), b...))
	case 2:
		c := new(cells[uint16])
		for i := range c {
			c[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		return c
	case 4:
		c := new(cells[uint32])
		for i := range c {
			c[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
		return c
	case 8:
		c := new(cells[float64])
		for i := range c {
			if c[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])); math.IsNaN(c[i]) || math.IsInf(c[i], 0) {
				r.fail()
			}
		}
		return c
	}
	r.fail()
	return nil
}
