package promapi

import (
	"errors"
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage"
	"google.golang.org/protobuf/encoding/protowire"
)

// decodeV2 appends an io.prometheus.write.v2.Request.
func (b *batch) decodeV2(body []byte) error {
	symbols, err := symbolsOf(body)
	if err != nil {
		return &malformed{err}
	}
	if err := b.collectLooseV2(body, symbols); err != nil {
		return &malformed{err}
	}
	var series writev2.TimeSeries // reused: one series is in memory at a time
	return fields(body, func(number protowire.Number, value []byte) error {
		if number != v2Series {
			return nil
		}
		series = writev2.TimeSeries{LabelsRefs: series.LabelsRefs[:0], Samples: series.Samples[:0]}
		if err := series.Unmarshal(value); err != nil {
			return &malformed{err}
		}
		return b.appendV2(&series, symbols)
	})
}

// symbolsOf returns the table of strings, which may stand anywhere in the message.
func symbolsOf(body []byte) ([]string, error) {
	var symbols []string
	err := fields(body, func(number protowire.Number, value []byte) error {
		if number == v2Symbols {
			symbols = append(symbols, string(value))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(symbols) > 0 && symbols[0] != "" {
		return nil, errors.New("the first symbol has to be empty")
	}
	return symbols, nil
}

func (b *batch) collectLooseV2(body []byte, symbols []string) error {
	return fields(body, func(number protowire.Number, value []byte) error {
		if number != v2Series {
			return nil
		}
		loose, err := onlyExemplars(value, v2Exemplars)
		if err != nil || !loose {
			return err
		}
		var series writev2.TimeSeries
		if err := series.Unmarshal(value); err != nil {
			return err
		}
		ls, err := series.ToLabels(&b.build, symbols)
		if err != nil {
			return err
		}
		exemplars, err := b.exemplarsV2(&series, symbols)
		if err != nil {
			return err
		}
		b.keepLoose(ls.Hash(), exemplars)
		return nil
	})
}

func (b *batch) exemplarsV2(series *writev2.TimeSeries, symbols []string) ([]exemplar.Exemplar, error) {
	if len(series.Exemplars) == 0 {
		return nil, nil
	}
	out := make([]exemplar.Exemplar, 0, len(series.Exemplars))
	for _, e := range series.Exemplars {
		ex, err := e.ToExemplar(&b.build, symbols)
		if err != nil {
			return nil, err
		}
		out = append(out, ex)
	}
	return out, nil
}

func (b *batch) appendV2(series *writev2.TimeSeries, symbols []string) error {
	samples := len(series.Samples) + len(series.Histograms)
	ls, err := series.ToLabels(&b.build, symbols)
	if err != nil {
		b.invalid(samples, "labels: "+err.Error())
		return nil
	}
	exemplars, err := b.exemplarsV2(series, symbols)
	if err != nil {
		b.invalid(0, fmt.Sprintf("exemplars of %s: %s", ls, err))
		exemplars = nil
	}
	exemplars = b.withLoose(ls.Hash, exemplars)
	o, err := b.optionsV2(series, symbols, ls.Get(model.MetricNameLabel))
	if err != nil {
		b.invalid(samples, fmt.Sprintf("metadata of %s: %s", ls, err))
		return nil
	}
	var ref storage.SeriesRef
	for i, s := range series.Samples {
		o.Exemplars = onLast(i, samples, exemplars).Exemplars
		if ref, err = b.append(ref, ls, s.StartTimestamp, s.Timestamp, s.Value, nil, nil, o); err != nil {
			return err
		}
	}
	for i, h := range series.Histograms {
		o.Exemplars = onLast(len(series.Samples)+i, samples, exemplars).Exemplars
		if h.IsFloatHistogram() {
			ref, err = b.append(ref, ls, h.StartTimestamp, h.Timestamp, 0, nil, h.ToFloatHistogram(), o)
		} else {
			ref, err = b.append(ref, ls, h.StartTimestamp, h.Timestamp, 0, h.ToIntHistogram(), nil, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) optionsV2(series *writev2.TimeSeries, symbols []string, name string) (storage.AOptions, error) {
	if len(symbols) == 0 {
		return storage.AOptions{}, nil
	}
	meta, err := series.ToMetadata(symbols)
	if err != nil {
		return storage.AOptions{}, err
	}
	return storage.AOptions{MetricFamilyName: familyOf(name, meta.Type), Metadata: meta}, nil
}
