package promapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/metadata"
)

// metadata answers /metadata from what senders said; upstream's answer knows
// only targets that it scrapes itself.
func (h *handler) metadata(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		fail(w, http.StatusMethodNotAllowed, "bad_data", "metadata is read by GET")
		return
	}
	limit := -1
	if s := r.FormValue("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			fail(w, http.StatusBadRequest, "bad_data", "limit must be a number")
			return
		}
		limit = n
	}
	known := h.o.Local.Metadata()
	names := make([]string, 0, len(known))
	for name := range known {
		if want := r.FormValue("metric"); want == "" || want == name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if limit >= 0 && limit < len(names) {
		names = names[:limit]
	}
	out := make(map[string][]metadata.Metadata, len(names))
	for _, name := range names {
		out[name] = []metadata.Metadata{known[name]}
	}
	reply(w, http.StatusOK, answer{Status: "success", Data: out})
}

// familyOf returns the metric family of a series: classic histograms and
// summaries have series with suffixes.
func familyOf(name string, kind model.MetricType) string {
	if kind == model.MetricTypeHistogram || kind == model.MetricTypeGaugeHistogram || kind == model.MetricTypeSummary {
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base, ok := strings.CutSuffix(name, suffix); ok {
				return base
			}
		}
	}
	return name
}
