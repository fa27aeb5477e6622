package loadgen

import (
	"encoding/binary"
	"math"
)

// The marks stand in a marshalled request where each round writes another
// number. All are fixed64 fields of OTLP, so they are found as eight bytes and
// never change in length. The low half says which series or bucket it is.
const (
	markTime   uint64 = 0x7e57_7e57_7e57_7e57
	markValue  uint64 = 0x7e57_0001_0000_0000
	markBucket uint64 = 0x7e57_0002_0000_0000
	markCount  uint64 = 0x7e57_0003_0000_0000
	markSum    uint64 = 0x7e57_0004_0000_0000

	highHalf uint64 = 0xffff_ffff_0000_0000
)

// request is one marshalled export request.
type request struct {
	body   []byte
	points int
	marks  []mark
}

// mark is a place in the body and what goes there.
type mark struct {
	at    int
	kind  uint64
	index uint64
}

func findMarks(body []byte) []mark {
	var marks []mark
	for i := 0; i+8 <= len(body); i++ {
		v := binary.LittleEndian.Uint64(body[i:])
		switch {
		case v == markTime:
			marks = append(marks, mark{at: i, kind: markTime})
		case v&highHalf == markValue, v&highHalf == markBucket, v&highHalf == markCount, v&highHalf == markSum:
			marks = append(marks, mark{at: i, kind: v & highHalf, index: v &^ highHalf})
		default:
			continue
		}
		i += 7
	}
	return marks
}

// set writes the time (Unix nanoseconds) and the values of a round, from 1.
// Everything but a gauge only rises, at a pace of its own for each series.
func (r *request) set(nanos int64, round uint64) {
	for _, m := range r.marks {
		var v uint64
		switch m.kind {
		case markTime:
			v = uint64(nanos)
		case markValue:
			v = round * (m.index%37 + 1)
		case markBucket:
			v = round * pace(m.index)
		case markCount:
			for b := range m.index {
				v += round * pace(b)
			}
		case markSum:
			v = math.Float64bits(float64(round*(m.index%37+1)) / 8)
		}
		binary.LittleEndian.PutUint64(r.body[m.at:], v)
	}
}

// pace is by how much a bucket rises in a round.
func pace(bucket uint64) uint64 { return bucket%5 + 1 }
