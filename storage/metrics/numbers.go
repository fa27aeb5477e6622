package metrics

import (
	"fmt"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// Numbers returns the values of an instant query's answer, in no particular order. It fails for an answer that is
// neither numbers nor a number.
func Numbers(v parser.Value) ([]float64, error) {
	switch v := v.(type) {
	case promql.Scalar:
		return []float64{v.V}, nil
	case promql.Vector:
		var all []float64
		for _, sample := range v {
			all = append(all, sample.F)
		}
		return all, nil
	}
	return nil, fmt.Errorf("it gives a %s", v.Type())
}
