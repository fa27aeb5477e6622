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

// flavour finds out once what kind of backend answers. It has to be known
// where backends differ without saying so: those without native histograms drop them
// and answer 204.
type flavour struct {
	client *client
	fixed  Support

	mu    sync.Mutex
	asked bool
	found traits
}

// traits are what backends differ in.
type traits struct {
	// histograms: native histograms are kept.
	histograms bool
	// markers: staleness markers are given back as samples whose value is NaN.
	markers bool
}

// get returns what the backend is like; an error when it can't be asked now.
func (f *flavour) get(ctx context.Context) (traits, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked {
		return f.found, nil
	}
	body, err := f.client.get(ctx, "/api/v1/status/buildinfo")
	if err != nil {
		return traits{}, fmt.Errorf("ask the metric backend for its version: %w", err)
	}
	f.asked, f.found = true, readTraits(body)
	if f.fixed != SupportAuto {
		f.found.histograms = f.fixed == SupportYes
	}
	return f.found, nil
}

// readTraits reads an answer of /api/v1/status/buildinfo. Prometheus keeps
// native histograms from 2.40 on, Mimir from 2.7 on. VictoriaMetrics calls itself
// version 2.24.0 and says nothing else.
func readTraits(body []byte) traits {
	var answer struct {
		Data struct {
			Application string `json:"application"`
			Version     string `json:"version"`
			Revision    string `json:"revision"`
			GoVersion   string `json:"goVersion"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return traits{}
	}
	d := answer.Data
	v := version(d.Version)
	switch app := strings.ToLower(d.Application); {
	case strings.Contains(app, "mimir"):
		return traits{histograms: v >= 2007}
	case app == "" || app == "prometheus":
		return traits{histograms: v >= 2040, markers: d.Revision == "" && d.GoVersion == ""}
	}
	return traits{}
}

// version returns major × 1000 + minor, 0 for anything unreadable.
func version(s string) int {
	parts := strings.SplitN(strings.TrimPrefix(s, "v"), ".", 3)
	if len(parts) < 2 {
		return 0
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0
	}
	minor, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	return major*1000 + minor
}
