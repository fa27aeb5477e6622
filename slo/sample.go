package slo

// Series is the identity of one stored time series. Whoever hands samples to
// the engine keeps one pointer per series, so that the engine can recognise a
// series without hashing its labels again.
type Series struct{ of Labeled }

// Labeled holds the labels of a series in its own way, which may take less memory than a
// set; they don't change while anybody looks.
type Labeled interface {
	// Labels returns all labels, the metric name among them; the set is the caller's.
	Labels() Labels
}

// NewSeries returns a series with these labels, the metric name among them.
func NewSeries(ls Labels) *Series { return &Series{of: ls} }

// SeriesOf returns the series of whoever holds its labels.
func SeriesOf(of Labeled) Series { return Series{of} }

// Labels returns all labels of the series, the metric name among them.
func (s *Series) Labels() Labels { return s.of.Labels() }

// Sample is one raw sample of a series as it was stored.
type Sample struct {
	// T is the sample's time in milliseconds since the Unix epoch.
	T int64
	// ST is the time at which the counter started from zero, in milliseconds
	// since the Unix epoch, or 0 where the data does not carry it.
	ST int64
	// V is the counter's cumulative value; unused where H is set.
	V float64
	// H is the cumulative native histogram of the sample, nil for a plain counter.
	H Histogram
}

// Histogram is the little that counting needs of a native histogram.
type Histogram interface {
	// Count returns how many observations the histogram holds.
	Count() float64
	// CountBelow returns how many observations were at most upper (in the
	// histogram's own unit, usually seconds), interpolated within a bucket.
	CountBelow(upper float64) float64
}

// SeriesSample is one sample together with the series that it belongs to.
type SeriesSample struct {
	Series *Series
	Sample
}

// SeriesSamples is a run of samples of one series, in order of time.
type SeriesSamples struct {
	Series  *Series
	Samples []Sample
}

// Recorded is one value that the engine writes back into the metric store,
// such as slo_burn_rate.
type Recorded struct {
	// Labels are all labels of the series, the metric name among them.
	Labels Labels
	// T is the sample's time in milliseconds since the Unix epoch.
	T int64
	// V is the sample's value.
	V float64
}
