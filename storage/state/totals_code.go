package state

import (
	"encoding/binary"
	"errors"
	"math"

	"burnline/slo"
)

// These begin the bytes of a day: with the events that count alone, or followed by those that
// corrections take out, in the same form.
const (
	totalsVersion    = 1
	totalsWithTheOut = 2
)

// mostExact is the largest number up to which every whole number is a float64.
const mostExact = 1 << 53

// encodeTotals writes a day's quarters compactly: the version; how many quarters
// there are up to the last with events; then of each the total and the bad events,
// as whole numbers (four bytes for a busy quarter without errors), or, where
// events were spread, the two numbers as they are.
func encodeTotals(d *slo.DayTotals) []byte {
	if d.OutTotal == [slo.Quarters]float64{} && d.OutGood == [slo.Quarters]float64{} {
		return encodeQuarters([]byte{totalsVersion}, &d.Good, &d.Total)
	}
	out := encodeQuarters([]byte{totalsWithTheOut}, &d.Good, &d.Total)
	return encodeQuarters(out, &d.OutGood, &d.OutTotal)
}

func encodeQuarters(out []byte, goods, totals *[slo.Quarters]float64) []byte {
	n := slo.Quarters
	for n > 0 && totals[n-1] == 0 && goods[n-1] == 0 {
		n--
	}
	out = append(out, byte(n))
	for i := range n {
		total, good := totals[i], goods[i]
		if whole(total) && whole(good) {
			out = binary.AppendVarint(out, int64(total)<<1)
			out = binary.AppendVarint(out, int64(total)-int64(good))
			continue
		}
		out = binary.AppendVarint(out, 1)
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(total))
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(good))
	}
	return out
}

// whole reports whether the number is whole and so small that it is exact.
func whole(v float64) bool {
	return v == math.Trunc(v) && math.Abs(v) <= mostExact && !(v == 0 && math.Signbit(v))
}

var errTotals = errors.New("the row is damaged")

// decodeTotals reads what encodeTotals wrote.
func decodeTotals(in []byte, d *slo.DayTotals) error {
	if len(in) == 0 || in[0] != totalsVersion && in[0] != totalsWithTheOut {
		return errTotals
	}
	rest, err := decodeQuarters(in[1:], &d.Good, &d.Total)
	if err == nil && in[0] == totalsWithTheOut {
		rest, err = decodeQuarters(rest, &d.OutGood, &d.OutTotal)
	}
	if err == nil && len(rest) > 0 {
		return errTotals
	}
	return err
}

// decodeQuarters reads what encodeQuarters wrote, and returns what follows.
func decodeQuarters(in []byte, goods, totals *[slo.Quarters]float64) ([]byte, error) {
	if len(in) == 0 || in[0] > slo.Quarters {
		return nil, errTotals
	}
	n := int(in[0])
	in = in[1:]
	for i := range n {
		first, size := binary.Varint(in)
		if size <= 0 {
			return nil, errTotals
		}
		in = in[size:]
		if first == 1 {
			if len(in) < 16 {
				return nil, errTotals
			}
			totals[i] = math.Float64frombits(binary.LittleEndian.Uint64(in))
			goods[i] = math.Float64frombits(binary.LittleEndian.Uint64(in[8:]))
			in = in[16:]
			continue
		}
		bad, size := binary.Varint(in)
		if size <= 0 || first&1 != 0 {
			return nil, errTotals
		}
		in = in[size:]
		totals[i], goods[i] = float64(first>>1), float64(first>>1-bad)
	}
	return in, nil
}
