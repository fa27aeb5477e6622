package promapi

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	prw "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
)

// otlp takes OTLP metrics straight into the store, as Prometheus' own
// receiver does: cumulative only, without the collector's pipeline.
type otlp struct {
	o        Options
	figures  *figures
	settings prw.Settings
}

func newOTLP(o Options, f *figures) *otlp {
	return &otlp{o: o, figures: f, settings: prw.Settings{
		AddMetricSuffixes:                    true,
		PromoteResourceAttributes:            prw.NewPromoteResourceAttributes(config.OTLPConfig{PromoteResourceAttributes: o.PromoteResourceAttributes}),
		LookbackDelta:                        5 * time.Minute,
		LabelNameUnderscoreSanitization:      true,
		LabelNamePreserveMultipleUnderscores: true,
	}}
}

// ServeHTTP implements http.Handler.
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp)
func (h *otlp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost {
		h.refuse(w, typeJSON, http.StatusMethodNotAllowed, codes.Unimplemented, "OTLP is sent by POST")
		return
	}
	if err != nil || media != typeProto && media != typeJSON {
		h.refuse(w, typeJSON, http.StatusUnsupportedMediaType, codes.InvalidArgument,
			fmt.Sprintf("the content type is %q; OTLP is %s or %s", r.Header.Get("Content-Type"), typeProto, typeJSON))
		return
	}
	body, err := readGzip(r, h.o.MaxBody)
	if err != nil {
		h.refuse(w, media, statusOf(err), codes.InvalidArgument, err.Error())
		return
	}
	req := pmetricotlp.NewExportRequest()
	unmarshal := req.UnmarshalProto
	if media == typeJSON {
		unmarshal = req.UnmarshalJSON
	}
	if err := unmarshal(body); err != nil {
		h.refuse(w, media, http.StatusBadRequest, codes.InvalidArgument, "the body is not an OTLP request: "+err.Error())
		return
	}
	rejected, reason, err := h.store(r.Context(), req.Metrics())
	if err != nil {
		h.o.Logger.Error("Could not store OTLP metrics", "err", err)
		h.refuse(w, media, http.StatusServiceUnavailable, codes.Unavailable, "nothing was stored, send it again: "+err.Error())
		return
	}
	h.accept(w, media, rejected, reason)
}

// store writes the metrics; the error means that nothing of them is stored.
func (h *otlp) store(ctx context.Context, md pmetric.Metrics) (rejected int, reason string, err error) {
	app := &infoAppender{AppenderV2: h.o.Store.AppenderV2(ctx)}
	_, bad := prw.NewPrometheusConverter(app).FromMetrics(ctx, md, h.settings)
	if err := app.Commit(); err != nil { // fails as well when an append has failed
		return 0, "", err
	}
	if n, why := rejectedBy(app.AppenderV2); n > app.refused {
		rejected, reason = n-app.refused, why
	}
	if bad != nil {
		rejected += max(1, differences(md))
		reason = bad.Error()
	}
	return min(rejected, max(1, md.DataPointCount())), reason, nil
}

// infoAppender counts the refused samples of target_info, which the
// translation adds and which no point of the sender stands for.
type infoAppender struct {
	storage.AppenderV2
	refused int
}

// Append implements storage.AppenderV2.
func (a *infoAppender) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64,
	hist *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions,
) (storage.SeriesRef, error) {
	got, err := a.AppenderV2.Append(ref, ls, st, t, v, hist, fh, o)
	if got == 0 && err == nil && o.MetricFamilyName == "target_info" {
		a.refused++
	}
	return got, err
}

// differences counts the points that can't be translated because they hold
// differences instead of running totals.
func differences(md pmetric.Metrics) int {
	n := 0
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				switch m.Type() {
				case pmetric.MetricTypeSum:
					n += counted(m.Sum().AggregationTemporality(), m.Sum().DataPoints().Len())
				case pmetric.MetricTypeHistogram:
					n += counted(m.Histogram().AggregationTemporality(), m.Histogram().DataPoints().Len())
				case pmetric.MetricTypeExponentialHistogram:
					n += counted(m.ExponentialHistogram().AggregationTemporality(), m.ExponentialHistogram().DataPoints().Len())
				}
			}
		}
	}
	return n
}

func counted(t pmetric.AggregationTemporality, points int) int {
	if t == pmetric.AggregationTemporalityDelta {
		return points
	}
	return 0
}

// accept answers with success, and with what was refused of it.
func (h *otlp) accept(w http.ResponseWriter, media string, rejected int, reason string) {
	resp := pmetricotlp.NewExportResponse()
	outcome := outcomeStored
	if rejected > 0 {
		outcome = outcomePartial
		resp.PartialSuccess().SetRejectedDataPoints(int64(rejected))
		resp.PartialSuccess().SetErrorMessage(reason)
	}
	h.figures.count("otlp", outcome)
	marshal := resp.MarshalProto
	if media == typeJSON {
		marshal = resp.MarshalJSON
	}
	body, err := marshal()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(body) // a client that has gone can't be told
}

// refuse answers with a google.rpc.Status in the encoding of the request.
func (h *otlp) refuse(w http.ResponseWriter, media string, code int, grpc codes.Code, message string) {
	outcome := outcomeBad
	if code == http.StatusServiceUnavailable {
		outcome = outcomeFailed
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	h.figures.count("otlp", outcome)
	marshal := proto.Marshal
	if media == typeJSON {
		marshal = protojson.Marshal
	}
	body, err := marshal(status.New(grpc, message).Proto())
	if err != nil {
		http.Error(w, message, code)
		return
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(code)
	_, _ = w.Write(body) // a client that has gone can't be told
}
