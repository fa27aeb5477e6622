package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Support says whether a backend can do something.
type Support int

// SupportAuto asks the backend for its name and version.
const (
	SupportAuto Support = iota
	SupportYes
	SupportNo
)

// histogramSupport finds out once whether the backend keeps native
// histograms. Backends without them drop the field and answer 204, so it has to be
// known before anything is sent.
type histogramSupport struct {
	client *client
	fixed  Support

	mu    sync.Mutex
	found Support
}

// get returns SupportYes or SupportNo; an error when the backend can't be asked now.
func (h *histogramSupport) get(ctx context.Context) (Support, error) {
	if h.fixed != SupportAuto {
		return h.fixed, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.found != SupportAuto {
		return h.found, nil
	}
	body, err := h.client.get(ctx, "/api/v1/status/buildinfo")
	if err != nil {
		return SupportAuto, fmt.Errorf("ask whether native histograms are kept: %w", err)
	}
	h.found = SupportNo
	if keepsHistograms(body) {
		h.found = SupportYes
	}
	return h.found, nil
}

// keepsHistograms reads an answer of /api/v1/status/buildinfo. Prometheus
// keeps native histograms from 2.40 on, Mimir from 2.7 on; VictoriaMetrics calls itself
// 2.24 and does not.
func keepsHistograms(body []byte) bool {
	var answer struct {
		Data struct {
			Application string `json:"application"`
			Version     string `json:"version"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	least := 2*1000 + 40
	switch app := strings.ToLower(answer.Data.Application); {
	case strings.Contains(app, "mimir"):
		least = 2*1000 + 7
	case app != "" && app != "prometheus":
		return false
	}
	return version(answer.Data.Version) >= least
}

// version returns major × 1000 + minor, 0 for anything unreadable.
func version(s string) int {
	major, rest, ok := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	if !ok {
		return 0
	}
	minor, _, _ := strings.Cut(rest, ".")
	a, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	b, err := strconv.Atoi(minor)
	if err != nil {
		return 0
	}
	return a*1000 + b
}
