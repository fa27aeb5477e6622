package promapi

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of the remote-write messages.
const (
	v1Series   = 1 // prometheus.WriteRequest
	v1Metadata = 3
	v2Symbols  = 4 // io.prometheus.write.v2.Request
	v2Series   = 5

	seriesSamples = 2 // both versions' TimeSeries
	v1Exemplars   = 3
	v1Histograms  = 4
	v2Histograms  = 3
	v2Exemplars   = 4
)

var errTruncated = errors.New("the message ends in the middle of a field")

// fields calls do with each field that holds bytes, in order; others are
// passed over. Reading a request field by field keeps one series in memory at a
// time: a decoded request may be many times larger than its encoding.
func fields(msg []byte, do func(number protowire.Number, value []byte) error) error {
	for len(msg) > 0 {
		number, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return errTruncated
		}
		msg = msg[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, msg); n < 0 {
				return errTruncated
			}
			msg = msg[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(msg)
		if n < 0 {
			return errTruncated
		}
		if err := do(number, value); err != nil {
			return err
		}
		msg = msg[n:]
	}
	return nil
}

// onlyExemplars reports whether an encoded series has exemplars and no sample:
// Prometheus sends each exemplar as a series of its own.
func onlyExemplars(series []byte, exemplars protowire.Number) (bool, error) {
	var has, samples bool
	err := fields(series, func(number protowire.Number, _ []byte) error {
		switch number {
		case exemplars:
			has = true
		case seriesSamples, v1Histograms + v2Histograms - exemplars: // the histograms' number is the other of 3 and 4
			samples = true
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("series: %w", err)
	}
	return has && !samples, nil
}
