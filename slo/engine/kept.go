package engine

import (
	"math"
	"slices"
)

// kept holds samples of one series in order of time, packed: of each sample
// its time after base and its value, and only where some sample of the series
// has them a time that needs 64 bits, a start time of its own, and a native
// histogram's second value.
type kept struct {
	words []uint32
	base  int64
	st    int64 // the start time of all samples, unless they have their own
	form  form
}

// form says what a packed sample consists of besides time and value.
type form uint8

const (
	farTimes form = 1 << iota
	ownStarts
	twoValues
)

// size is the number of words of one sample.
func (f form) size() int {
	n := 3
	if f&farTimes != 0 {
		n++
	}
	if f&ownStarts != 0 {
		n += 2
	}
	if f&twoValues != 0 {
		n += 2
	}
	return n
}

func (k *kept) len() int { return len(k.words) / k.form.size() }

// at returns the i-th sample.
func (k *kept) at(i int) point {
	w := k.words[i*k.form.size():]
	p := point{t: k.base + int64(w[0]), st: k.st}
	p.v[0], w = double(w[1:]), w[3:]
	if k.form&farTimes != 0 {
		p.t, w = p.t+int64(w[0])<<32, w[1:]
	}
	if k.form&ownStarts != 0 {
		p.st, w = int64(w[0])|int64(w[1])<<32, w[2:]
	}
	if k.form&twoValues != 0 {
		p.v[1] = double(w)
	}
	return p
}

// time returns the time of the i-th sample.
func (k *kept) time(i int) int64 {
	w := k.words[i*k.form.size():]
	t := k.base + int64(w[0])
	if k.form&farTimes != 0 {
		t += int64(w[3]) << 32
	}
	return t
}

// last returns the newest sample.
func (k *kept) last() point { return k.at(k.len() - 1) }

// end returns the time of the newest sample.
func (k *kept) end() int64 { return k.time(k.len() - 1) }

func double(w []uint32) float64 { return math.Float64frombits(uint64(w[0]) | uint64(w[1])<<32) }

func appendDouble(w []uint32, v uint64) []uint32 { return append(w, uint32(v), uint32(v>>32)) }

// insert puts a sample before the i-th one.
func (k *kept) insert(i int, p point) {
	if f := k.formFor(p); f != k.form || p.t < k.base {
		k.repack(min(p.t, k.base), f)
	}
	size := k.form.size()
	if i < k.len() {
		k.words = slices.Insert(k.words, i*size, make([]uint32, size)...)
		k.pack(k.words[:i*size], p)
		return
	}
	if n := len(k.words); cap(k.words)-n < size {
		k.words = append(make([]uint32, 0, n+max(2*size, n/4)), k.words...) // append would take up to twice as much
	}
	k.words = k.pack(k.words, p)
}

// formFor returns the form that holds the sample besides those that are held.
func (k *kept) formFor(p point) form {
	if len(k.words) == 0 {
		k.base, k.st, k.form = p.t, p.st, 0
	}
	f := k.form
	low, high := min(k.base, p.t), p.t
	if p.t < k.base {
		high = k.end()
	}
	if high-low > math.MaxUint32 {
		f |= farTimes
	}
	if p.st != k.st {
		f |= ownStarts
	}
	if p.v[1] != 0 {
		f |= twoValues
	}
	return f
}

// pack appends one sample in the present form.
func (k *kept) pack(words []uint32, p point) []uint32 {
	d := uint64(p.t - k.base)
	words = appendDouble(append(words, uint32(d)), math.Float64bits(p.v[0]))
	if k.form&farTimes != 0 {
		words = append(words, uint32(d>>32))
	}
	if k.form&ownStarts != 0 {
		words = appendDouble(words, uint64(p.st))
	}
	if k.form&twoValues != 0 {
		words = appendDouble(words, math.Float64bits(p.v[1]))
	}
	return words
}

// repack brings all samples into another form, with times after base.
func (k *kept) repack(base int64, f form) {
	next := kept{base: base, st: k.st, form: f, words: make([]uint32, 0, (k.len()+1)*f.size())}
	for i := range k.len() {
		next.words = next.pack(next.words, k.at(i))
	}
	*k = next
}

// drop forgets the first n samples. Once a wider form is no longer needed, the
// rest is packed anew.
func (k *kept) drop(n int) {
	if n == 0 {
		return
	}
	k.words = k.words[:copy(k.words, k.words[n*k.form.size():])]
	if k.form&(farTimes|ownStarts) == 0 && k.end()-k.base < math.MaxUint32/2 {
		return
	}
	first := k.at(0)
	next := kept{}
	for i := range k.len() {
		if p := k.at(i); p.st != first.st || p.t-first.t > math.MaxUint32 {
			return // some need it yet
		}
	}
	for i := range k.len() {
		next.insert(i, k.at(i))
	}
	*k = next
}

// remove forgets the i-th sample.
func (k *kept) remove(i int) {
	size := k.form.size()
	k.words = slices.Delete(k.words, i*size, (i+1)*size)
}
