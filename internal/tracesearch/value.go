package tracesearch

import (
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// mostIndexed is the length from which on a value is not in the index: long texts are
// statements and stacks, which nobody looks for as a whole.
const mostIndexed = 256

// text returns the one form of a value that equality goes by. Whole numbers read the same
// whether they came as integers or not.
func text(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(v.Int(), 10)
	case pcommon.ValueTypeDouble:
		return floatText(v.Double())
	default:
		return v.AsString()
	}
}

func floatText(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// texts yields what a value can be equal to: each element of a list, else itself. The SLOs that
// a span is bad for are a list too, with commas between them.
func texts(name string, v pcommon.Value, yield func(string) bool) bool {
	if name == SLOAttribute && v.Type() == pcommon.ValueTypeStr {
		for id := range strings.SplitSeq(v.Str(), ",") {
			if !yield(id) {
				return false
			}
		}
		return true
	}
	if v.Type() != pcommon.ValueTypeSlice {
		return yield(text(v))
	}
	for _, element := range v.Slice().All() {
		if !yield(text(element)) {
			return false
		}
	}
	return true
}

// number returns a value as a number; many SDKs send numbers as text.
func number(v pcommon.Value) (float64, bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return float64(v.Int()), true
	case pcommon.ValueTypeDouble:
		return v.Double(), true
	case pcommon.ValueTypeStr:
		f, err := strconv.ParseFloat(v.Str(), 64)
		return f, err == nil
	default:
		return 0, false
	}
}

// typeOf names a value's type as search builders know it.
func typeOf(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return "int"
	case pcommon.ValueTypeDouble:
		return "float"
	case pcommon.ValueTypeBool:
		return "bool"
	default:
		return "string"
	}
}
