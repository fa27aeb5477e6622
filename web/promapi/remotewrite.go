package promapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// remoteWrite receives remote write 1.0 and 2.0.
// (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/)
type remoteWrite struct {
	o       Options
	figures *figures
}

func newRemoteWrite(o Options, f *figures) *remoteWrite { return &remoteWrite{o: o, figures: f} }

// written is what became of one request.
type written struct {
	samples, histograms, exemplars int
	// refusedHistograms are those of the refused that are known to be histograms.
	refusedHistograms int
	refused           int
	reason            string
}

// ServeHTTP implements http.Handler. 204 means that all is stored; 400 that
// the message or some samples were refused, and sending them again is of no use: the
// good samples of the request are stored; 503 that nothing is stored.
func (h *remoteWrite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protocol := "remote_write_1"
	if r.Method != http.MethodPost {
		h.refuse(w, protocol, http.StatusMethodNotAllowed, "remote write is sent by POST")
		return
	}
	media := r.Header.Get("Content-Type")
	if media == "" {
		media = "application/x-protobuf"
	}
	kind, err := remote.ParseProtoMsg(media)
	if err != nil {
		h.refuse(w, protocol, http.StatusUnsupportedMediaType, err.Error())
		return
	}
	if kind == remote.WriteV2MessageType {
		protocol = "remote_write_2"
	}
	body, err := readSnappy(r, h.o.MaxBody)
	if err != nil {
		h.refuse(w, protocol, statusOf(err), err.Error())
		return
	}
	done, err := h.store(r.Context(), kind, body)
	if kind == remote.WriteV2MessageType {
		w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", strconv.Itoa(done.samples))
		w.Header().Set("X-Prometheus-Remote-Write-Histograms-Written", strconv.Itoa(done.histograms))
		w.Header().Set("X-Prometheus-Remote-Write-Exemplars-Written", strconv.Itoa(done.exemplars))
	}
	var bad *malformed
	switch {
	case errors.As(err, &bad):
		h.refuse(w, protocol, http.StatusBadRequest, err.Error())
	case err != nil:
		h.o.Logger.Error("Could not store a remote write", "err", err)
		w.Header().Set("Retry-After", retryAfterSeconds)
		h.refuse(w, protocol, http.StatusServiceUnavailable, "nothing was stored, send it again: "+err.Error())
	case done.refused > 0:
		h.figures.count(protocol, outcomePartial)
		http.Error(w, fmt.Sprintf("%d samples refused, %d stored; the first: %s",
			done.refused, done.samples+done.histograms, done.reason), http.StatusBadRequest)
	default:
		h.figures.count(protocol, outcomeStored)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (h *remoteWrite) refuse(w http.ResponseWriter, protocol string, code int, message string) {
	outcome := outcomeBad
	if code == http.StatusServiceUnavailable {
		outcome = outcomeFailed
	}
	h.figures.count(protocol, outcome)
	http.Error(w, message, code)
}

// malformed is a message that can't be decoded; nothing of it is stored.
type malformed struct {
	err error
}

// Error implements error.
func (e *malformed) Error() string {
	return "the message is not a remote write request: " + e.err.Error()
}

// Unwrap returns the cause.
func (e *malformed) Unwrap() error { return e.err }

// store decodes the body into one batch and commits it.
func (h *remoteWrite) store(ctx context.Context, kind remote.WriteMessageType, body []byte) (written, error) {
	b := &batch{app: h.o.Store.AppenderV2(ctx)}
	decode := b.decodeV1
	if kind == remote.WriteV2MessageType {
		decode = b.decodeV2
	}
	if h.o.Local != nil {
		b.note = h.o.Local.NoteMetadata
	}
	if err := decode(body); err != nil {
		if rerr := b.app.Rollback(); rerr != nil {
			return written{}, errors.Join(err, rerr)
		}
		return written{}, err
	}
	if err := b.app.Commit(); err != nil {
		return written{}, err
	}
	for _, lone := range b.loose {
		h.figures.exemplars.Add(float64(len(lone)))
	}
	return b.settle(), nil
}

// batch appends the series of one request.
type batch struct {
	app  storage.AppenderV2
	note noteFunc
	done written
	// loose are exemplars that came as series without samples, by the hash of
	// their labels. They are stored with a sample of their series in the same request.
	loose map[uint64][]exemplar.Exemplar
	build labels.ScratchBuilder
}

// append writes one sample and counts it.
func (b *batch) append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64,
	h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions,
) (storage.SeriesRef, error) {
	got, err := b.app.Append(ref, ls, st, t, v, h, fh, o)
	var partial *storage.AppendPartialError
	if errors.As(err, &partial) {
		err = nil // the sample is stored, some of its exemplars aren't
	}
	if err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	switch {
	case h == nil && fh == nil:
		b.done.samples++
	case got == 0:
		b.done.refusedHistograms++
		fallthrough
	default:
		b.done.histograms++
	}
	b.done.exemplars += len(o.Exemplars)
	return got, nil
}

// settle takes what the store refused out of what was appended.
func (b *batch) settle() written {
	done := b.done
	n, reason := rejectedBy(b.app)
	histograms := min(done.refusedHistograms, n, done.histograms)
	done.histograms -= histograms
	done.samples = max(0, done.samples-(n-histograms))
	done.refused += n
	if done.reason == "" {
		done.reason = reason
	}
	if r, ok := b.app.(interface{ RejectedExemplars() int }); ok {
		done.exemplars = max(0, done.exemplars-r.RejectedExemplars())
	}
	return done
}

// invalid refuses the samples of a series whose labels can't be read.
func (b *batch) invalid(samples int, reason string) {
	b.done.refused += samples
	if b.done.reason == "" {
		b.done.reason = reason
	}
}

// rejectedBy returns what the appender refused.
func rejectedBy(app storage.AppenderV2) (int, string) {
	if r, ok := app.(interface{ Rejected() (int, string) }); ok {
		return r.Rejected()
	}
	return 0, ""
}
