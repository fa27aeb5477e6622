package engine

import (
	"encoding/binary"
	"math"
	"slices"
)

// kept holds samples of one series in order of time, packed: the newest as it is, and of each
// other one by how much it differs from the one after it. A counter that is scraped takes
// three or four bytes a sample, so that late samples can be counted exactly at little cost.
type kept struct {
	packed []byte
	oldest int64 // the time of the oldest sample
	newest point
	n      int32
	form   form
}

// form says what the packed samples consist of.
type form uint8

const (
	// rawValues: some value is no whole number, so that all are packed as they are.
	rawValues form = 1 << iota
	// ownStarts: not all samples have one start time.
	ownStarts
	// twoValues: the samples are of a native histogram.
	twoValues
)

// maxWhole bounds the whole numbers whose differences are exact in float64 too.
const maxWhole = 1 << 52

// formOf returns the form of samples that all are like p.
func formOf(p point) (f form) {
	v := p.v[0]
	if v != math.Trunc(v) || math.Abs(v) >= maxWhole || v == 0 && math.Signbit(v) {
		f |= rawValues
	}
	if p.v[1] != 0 {
		f |= twoValues
	}
	return f
}

// with returns the form for one sample more.
func (f form) with(newest, p point) form {
	f |= formOf(p)
	if p.st != newest.st {
		f |= ownStarts
	}
	return f
}

func (k *kept) len() int { return int(k.n) }

// end returns the time of the newest sample.
func (k *kept) end() int64 { return k.newest.t }

// at returns the i-th sample.
func (k *kept) at(i int) point {
	if i == k.len()-1 {
		return k.newest
	}
	var room [16]point
	return k.points(room[:0])[i]
}

// time returns the time of the i-th sample.
func (k *kept) time(i int) int64 {
	if i == k.len()-1 {
		return k.newest.t
	}
	_, t := k.skip(i)
	return t
}

// before returns how many samples are older than t.
func (k *kept) before(t int64) int {
	if k.n == 0 || k.newest.t < t {
		return k.len()
	}
	in, at, i := k.packed, k.oldest, 0
	for ; i < k.len()-1 && at < t; i++ {
		var p point
		p, in = k.form.unpack(in)
		at += p.t
	}
	return i
}

// skip returns the packed samples from the i-th on, and its time.
func (k *kept) skip(i int) (rest []byte, t int64) {
	rest, t = k.packed, k.oldest
	for range i {
		var p point
		p, rest = k.form.unpack(rest)
		t += p.t
	}
	return rest, t
}

// points appends all samples in order.
func (k *kept) points(to []point) []point {
	if k.n == 0 {
		return to
	}
	in, t, first := k.packed, k.oldest, len(to)
	for range k.n - 1 {
		var p point
		p, in = k.form.unpack(in)
		p.t, t = t, t+p.t
		to = append(to, p)
	}
	to = append(to, k.newest)
	for i := len(to) - 2; i >= first; i-- {
		if k.form&rawValues == 0 {
			to[i].v[0] = to[i+1].v[0] - to[i].v[0]
		}
		to[i].st = to[i+1].st - to[i].st
	}
	return to
}

// pack appends how a sample differs from the next one.
func (f form) pack(out []byte, p, next point) []byte {
	out = binary.AppendUvarint(out, uint64(next.t-p.t))
	if f&rawValues != 0 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p.v[0]))
	} else {
		out = binary.AppendVarint(out, int64(next.v[0])-int64(p.v[0]))
	}
	if f&ownStarts != 0 {
		out = binary.AppendVarint(out, next.st-p.st)
	}
	if f&twoValues != 0 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p.v[1]))
	}
	return out
}

// unpack returns the first packed sample, where it differs from the next one by how much,
// and the rest.
func (f form) unpack(in []byte) (d point, rest []byte) {
	t, n := binary.Uvarint(in)
	d.t, in = int64(t), in[n:]
	if f&rawValues != 0 {
		d.v[0], in = math.Float64frombits(binary.LittleEndian.Uint64(in)), in[8:]
	} else {
		v, n := binary.Varint(in)
		d.v[0], in = float64(v), in[n:]
	}
	if f&ownStarts != 0 {
		d.st, n = binary.Varint(in)
		in = in[n:]
	}
	if f&twoValues != 0 {
		d.v[1], in = math.Float64frombits(binary.LittleEndian.Uint64(in)), in[8:]
	}
	return d, in
}

// insert puts a sample before the i-th one.
func (k *kept) insert(i int, p point) {
	if k.n == 0 {
		k.newest, k.oldest, k.n, k.form = p, p.t, 1, formOf(p)
		return
	}
	if i < k.len() || k.form.with(k.newest, p) != k.form {
		k.repack(slices.Insert(k.points(make([]point, 0, k.n+1)), i, p))
		return
	}
	var room [40]byte
	one := k.form.pack(room[:0], k.newest, p)
	if cap(k.packed)-len(k.packed) < len(one) {
		// append would take up to twice as much.
		k.packed = append(slices.Grow([]byte(nil), len(k.packed)+len(one)), k.packed...)
	}
	k.packed, k.newest, k.n = append(k.packed, one...), p, k.n+1
}

// repack holds these samples instead.
func (k *kept) repack(all []point) {
	k.clear()
	if len(all) == 0 {
		return
	}
	last := len(all) - 1
	k.oldest, k.newest, k.n, k.form = all[0].t, all[last], int32(len(all)), needed(all)
	for i := range last {
		k.packed = k.form.pack(k.packed, all[i], all[i+1])
	}
}

// needed returns the narrowest form for these samples, of which there is one at least.
func needed(all []point) (f form) {
	for _, p := range all {
		f = f.with(all[0], p)
	}
	return f
}

// drop forgets the first n samples, fewer than there are. Once a wider form is no longer
// needed, the rest is packed anew.
func (k *kept) drop(n int) {
	rest, t := k.skip(n)
	k.packed = k.packed[:copy(k.packed, rest)]
	k.oldest, k.n = t, k.n-int32(n)
	if k.form == 0 {
		return
	}
	if all := k.points(make([]point, 0, k.n)); needed(all) != k.form {
		k.repack(all)
	}
}

// remove forgets the i-th sample.
func (k *kept) remove(i int) { k.repack(slices.Delete(k.points(nil), i, i+1)) }

// clear forgets all samples, but keeps the room for others.
func (k *kept) clear() { *k = kept{packed: k.packed[:0]} }
