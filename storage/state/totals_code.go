package state

import (
	"encoding/binary"
	"errors"
	"math"

	"burnline/slo"
)

// totalsVersion begins the bytes of a day, should their form ever change.
const totalsVersion = 1

// mostExact is the largest number up to which every whole number is a float64.
const mostExact = 1 << 53

// encodeTotals writes a day's quarters compactly: the version; how many quarters
// there are up to the last with events; then of each the total and the bad events,
// as whole numbers (four bytes for a busy quarter without errors), or, where
// events were spread, the two numbers as they are.
func encodeTotals(d *slo.DayTotals) []byte {
	n := slo.Quarters
	for n > 0 && d.Total[n-1] == 0 && d.Good[n-1] == 0 {
		n--
	}
	out := []byte{totalsVersion, byte(n)}
	for i := range n {
		total, good := d.Total[i], d.Good[i]
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
	if len(in) < 2 || in[0] != totalsVersion || in[1] > slo.Quarters {
		return errTotals
	}
	n := int(in[1])
	in = in[2:]
	for i := range n {
		first, size := binary.Varint(in)
		if size <= 0 {
			return errTotals
		}
		in = in[size:]
		if first == 1 {
			if len(in) < 16 {
				return errTotals
			}
			d.Total[i] = math.Float64frombits(binary.LittleEndian.Uint64(in))
			d.Good[i] = math.Float64frombits(binary.LittleEndian.Uint64(in[8:]))
			in = in[16:]
			continue
		}
		bad, size := binary.Varint(in)
		if size <= 0 || first&1 != 0 {
			return errTotals
		}
		in = in[size:]
		d.Total[i], d.Good[i] = float64(first>>1), float64(first>>1-bad)
	}
	if len(in) > 0 {
		return errTotals
	}
	return nil
}
