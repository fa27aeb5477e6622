package explain

import "math"

// Table is what is compared: events with the values of their attributes.
type Table struct {
	// Attributes names the columns. Of two that say the same the earlier is named, so those
	// that say more to people stand first.
	Attributes []string
	// Rows are single events or sets of events with the same values.
	Rows []Row
}

// Row is one event, or all that share the values of their attributes. Numbers that are
// negative or no numbers count as 0, and what fails beyond the total counts as the total.
type Row struct {
	// Values are those of Table.Attributes, in their order; "" is an event without the
	// attribute, which is a value of its own and never named as a cause. What a short row
	// lacks is "".
	Values []string
	// Bad of Total events failed in the time that is to be explained.
	Bad, Total float64
	// BaselineBad of BaselineTotal events failed before it. The time before may be longer or
	// shorter: only ratios are compared. Without any the events stand alone.
	BaselineBad, BaselineTotal float64
}

// Options are how a table is searched; the zero value holds the defaults.
type Options struct {
	// Depth is the most attributes that a cause names, 1–3; default 3.
	Depth int
	// Causes is the most causes that are named; default 5.
	Causes int
	// Alpha is the probability, at most, with which failures that are everywhere are given a
	// cause; default 0.05.
	Alpha float64
	// MinFailures is the least number of failures of a cause, and of the whole table for any
	// answer; default 5.
	MinFailures float64
	// MinShare is the least part, 0–1, that a cause must have in the failures beyond those that
	// happened before; default 0.05.
	MinShare float64
	// MinLift is by which factor a cause must at least fail more than is expected of it;
	// default 1.5. With very many events the smallest difference is no chance, and yet
	// explains nothing.
	MinLift float64
	// MaxValues is the most values that an attribute may have to be compared; default 1000.
	MaxValues int
	// MinPerValue is how many events an attribute's values must have on average for it to be
	// compared; default 5. Ids have fewer.
	MinPerValue float64
	// MaxAttributes is how many attributes are compared, those that stand first; default 16.
	MaxAttributes int
}

func (o Options) complete() Options {
	if o.Depth < 1 || o.Depth > maxDepth {
		o.Depth = maxDepth
	}
	if !(o.Alpha > 0 && o.Alpha < 1) {
		o.Alpha = 0.05
	}
	fill(&o.Causes, 5)
	fill(&o.MinFailures, 5)
	fill(&o.MinShare, 0.05)
	fill(&o.MinLift, 1.5)
	fill(&o.MaxValues, 1000)
	fill(&o.MinPerValue, 5)
	fill(&o.MaxAttributes, 16)
	return o
}

func fill[T int | float64](v *T, with T) {
	if *v <= 0 || math.IsNaN(float64(*v)) {
		*v = with
	}
}
