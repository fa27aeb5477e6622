package promapi

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
	"google.golang.org/protobuf/encoding/protowire"
)

// noteFunc remembers what a sender says of a metric family; nil where nobody
// keeps it.
type noteFunc func(family string, meta metadata.Metadata)

// decodeV1 appends a prometheus.WriteRequest.
func (b *batch) decodeV1(body []byte) error {
	if err := b.collectLooseV1(body); err != nil {
		return err
	}
	var series prompb.TimeSeries // reused: one series is in memory at a time
	return fields(body, func(number protowire.Number, value []byte) error {
		switch number {
		case v1Series:
			series = prompb.TimeSeries{Labels: series.Labels[:0], Samples: series.Samples[:0]}
			if err := series.Unmarshal(value); err != nil {
				return &malformed{err}
			}
			return b.appendV1(&series)
		case v1Metadata:
			return b.noteV1(value)
		}
		return nil
	})
}

// collectLooseV1 finds exemplars that are series of their own, and checks that
// the message can be walked before anything of it is appended.
func (b *batch) collectLooseV1(body []byte) error {
	err := fields(body, func(number protowire.Number, value []byte) error {
		if number != v1Series {
			return nil
		}
		loose, err := onlyExemplars(value, v1Exemplars)
		if err != nil || !loose {
			return err
		}
		var series prompb.TimeSeries
		if err := series.Unmarshal(value); err != nil {
			return err
		}
		b.keepLoose(series.ToLabels(&b.build, nil).Hash(), b.exemplarsV1(&series))
		return nil
	})
	if err != nil {
		return &malformed{err}
	}
	return nil
}

func (b *batch) exemplarsV1(series *prompb.TimeSeries) []exemplar.Exemplar {
	if len(series.Exemplars) == 0 {
		return nil
	}
	out := make([]exemplar.Exemplar, 0, len(series.Exemplars))
	for _, e := range series.Exemplars {
		out = append(out, e.ToExemplar(&b.build, nil))
	}
	return out
}

func (b *batch) appendV1(series *prompb.TimeSeries) error {
	samples := len(series.Samples) + len(series.Histograms)
	if samples == 0 {
		return nil
	}
	ls := series.ToLabels(&b.build, nil)
	exemplars := b.withLoose(ls.Hash, b.exemplarsV1(series))
	var (
		ref storage.SeriesRef
		err error
	)
	for i, s := range series.Samples {
		ref, err = b.append(ref, ls, 0, s.Timestamp, s.Value, nil, nil, onLast(i, samples, exemplars))
		if err != nil {
			return err
		}
	}
	for i, h := range series.Histograms {
		o := onLast(len(series.Samples)+i, samples, exemplars)
		if h.IsFloatHistogram() {
			ref, err = b.append(ref, ls, 0, h.Timestamp, 0, nil, h.ToFloatHistogram(), o)
		} else {
			ref, err = b.append(ref, ls, 0, h.Timestamp, 0, h.ToIntHistogram(), nil, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) noteV1(value []byte) error {
	var m prompb.MetricMetadata
	if err := m.Unmarshal(value); err != nil {
		return &malformed{err}
	}
	if b.note == nil || m.MetricFamilyName == "" {
		return nil
	}
	kind, ok := typesV1(m.Type)
	if !ok {
		return &malformed{fmt.Errorf("metadata of %s: unknown type %d", m.MetricFamilyName, m.Type)}
	}
	b.note(m.MetricFamilyName, metadata.Metadata{Type: kind, Help: m.Help, Unit: m.Unit})
	return nil
}

func typesV1(t prompb.MetricMetadata_MetricType) (model.MetricType, bool) {
	switch t {
	case prompb.MetricMetadata_UNKNOWN:
		return model.MetricTypeUnknown, true
	case prompb.MetricMetadata_COUNTER:
		return model.MetricTypeCounter, true
	case prompb.MetricMetadata_GAUGE:
		return model.MetricTypeGauge, true
	case prompb.MetricMetadata_HISTOGRAM:
		return model.MetricTypeHistogram, true
	case prompb.MetricMetadata_GAUGEHISTOGRAM:
		return model.MetricTypeGaugeHistogram, true
	case prompb.MetricMetadata_SUMMARY:
		return model.MetricTypeSummary, true
	case prompb.MetricMetadata_INFO:
		return model.MetricTypeInfo, true
	case prompb.MetricMetadata_STATESET:
		return model.MetricTypeStateset, true
	}
	return "", false
}
