package engine

import "time"

// The traffic of a day is remembered by minutes, a bit each, in words of 64.
const (
	trafficWords   = 24
	trafficMinutes = trafficWords * 64
	dayMinutes     = 24 * 60
	minute         = int64(time.Minute / time.Millisecond)
)

// steadyShare is the share of the day's minutes with events from which on an SLO's
// traffic is steady. (design, "States")
const steadyShare = 0.95

// traffic remembers when an SLO had events, over all its groups: what tells a
// service that fell silent from one that is quiet by nature. It counts nothing:
// marking a minute twice changes nothing, so that samples may come in any order
// and more than once. Times are milliseconds.
type traffic struct {
	// bits has a bit for each of the minutes up to newest, at its number modulo
	// trafficMinutes.
	bits   [trafficWords]uint64
	newest int64 // the number of the newest minute with events; 0 for none
	// last is the time of the newest sample that brought events, and came when, by
	// the engine's clock, one was counted last.
	last, came int64
	// reported is when, by the engine's clock, a sample of the total was counted
	// last, with events or without.
	reported int64
}

// events notes that events happened over (from, to]. Those of a difference over a
// longer span are taken to lie in each of its minutes where they are enough for it.
func (tf *traffic) events(from, to int64, n float64, spread bool, now int64) {
	if n <= 0 {
		return
	}
	tf.last, tf.came = max(tf.last, to), now
	end := floorDiv(to-1, minute)
	begin := end
	if first := floorDiv(from, minute); spread && n >= float64(end-first+1) {
		begin = max(first, end-trafficMinutes)
	}
	for m := begin; m <= end; m++ {
		tf.mark(m)
	}
}

// mark sets a minute's bit; minutes older than what is kept are left out.
func (tf *traffic) mark(m int64) {
	if m <= tf.newest-trafficMinutes {
		return
	}
	for n := max(tf.newest+1, m-trafficMinutes+1); n <= m; n++ {
		tf.word(n, func(w *uint64, bit uint64) { *w &^= bit })
	}
	tf.newest = max(tf.newest, m)
	tf.word(m, func(w *uint64, bit uint64) { *w |= bit })
}

func (tf *traffic) word(m int64, do func(w *uint64, bit uint64)) {
	i := m - floorDiv(m, trafficMinutes)*trafficMinutes
	do(&tf.bits[i/64], 1<<(i%64))
}

// has reports whether there were events in a minute.
func (tf *traffic) has(m int64) bool {
	if tf.newest == 0 || m > tf.newest || m <= tf.newest-trafficMinutes {
		return false
	}
	set := false
	tf.word(m, func(w *uint64, bit uint64) { set = *w&bit != 0 })
	return set
}

// steady reports whether there were events in 95 % of the minutes of the day that
// ends with the newest events. Minutes are taken together in blocks of three
// intervals between samples, where that is longer, since slow scrapes can't show
// events more often. It looks back from the newest events and not from now, so
// that an SLO that has been silent for hours is still known as one with traffic.
func (tf *traffic) steady(interval int64) bool {
	if tf.newest == 0 {
		return false
	}
	block := max(1, -floorDiv(-3*interval, minute))
	blocks, full := dayMinutes/block, int64(0)
	for i := range blocks {
		for m := tf.newest - i*block; m > tf.newest-(i+1)*block; m-- {
			if tf.has(m) {
				full++
				break
			}
		}
	}
	return blocks > 0 && float64(full) >= steadyShare*float64(blocks)
}

// inherit adds what another one remembers.
func (tf *traffic) inherit(old *traffic) {
	for m := old.newest - trafficMinutes + 1; m <= old.newest; m++ {
		if old.has(m) {
			tf.mark(m)
		}
	}
	tf.last, tf.came, tf.reported = max(tf.last, old.last), max(tf.came, old.came), max(tf.reported, old.reported)
}
