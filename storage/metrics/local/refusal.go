package local

import (
	"errors"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// refusal is why a sample is not stored.
type refusal int

const (
	refusedFuture refusal = iota
	refusedTooOld
	refusedOutOfBounds
	refusedOutOfOrder
	refusedDuplicate
	refusedSeriesLimit
	refusedLabels
	refusedHistogram
	refusals // their number
)

// String returns the value of the reason label.
func (r refusal) String() string {
	return [refusals]string{"future", "too_old", "out_of_bounds", "out_of_order",
		"duplicate", "series_limit", "invalid_labels", "invalid_histogram"}[r]
}

// sentence says to the sender what is wrong.
func (r refusal) sentence() string {
	return [refusals]string{
		"sample lies more than 10 minutes in the future",
		"sample is older than the out-of-order window",
		"sample is older than what the store still takes",
		"sample is out of order",
		"another value is stored for the same series and time",
		"series limit reached: samples of new series are refused",
		"labels are invalid: a label is named twice, a name is empty, or the metric has no valid name",
		"native histogram is invalid",
	}[r]
}

var (
	errSeriesLimit   = errors.New("series limit reached")
	errInvalidLabels = errors.New("invalid labels")
)

// classify says which refusal an error of the TSDB means for one sample; false
// when the error is about the store and not about the sample.
func classify(err error, h *histogram.Histogram, fh *histogram.FloatHistogram) (refusal, bool) {
	switch {
	case errors.Is(err, storage.ErrOutOfOrderSample):
		return refusedOutOfOrder, true
	case errors.Is(err, storage.ErrTooOldSample):
		return refusedTooOld, true
	case errors.Is(err, storage.ErrOutOfBounds):
		return refusedOutOfBounds, true
	case errors.Is(err, storage.ErrDuplicateSampleForTimestamp):
		return refusedDuplicate, true
	case errors.Is(err, errSeriesLimit):
		return refusedSeriesLimit, true
	case errors.Is(err, errInvalidLabels), errors.Is(err, tsdb.ErrInvalidSample):
		return refusedLabels, true
	case h != nil && h.Validate() != nil, fh != nil && fh.Validate() != nil:
		return refusedHistogram, true
	}
	return 0, false
}

// tally counts refusals of one batch and remembers the first.
type tally struct {
	n     [refusals]int
	first refusal
	any   bool
}

func (t *tally) add(r refusal) {
	t.n[r]++
	if !t.any {
		t.first, t.any = r, true
	}
}

func (t *tally) total() int {
	if !t.any {
		return 0
	}
	sum := 0
	for _, n := range t.n {
		sum += n
	}
	return sum
}
