package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/spf13/cobra"

	"burnline/internal/app"
	"burnline/internal/datacheck"
	"burnline/slo"
	"burnline/slo/engine"
	"burnline/slo/spec"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
	"burnline/storage/metrics/remote"
)

// samples is what check reads of a metric store, open or not.
type samples interface {
	engine.Reader
	Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error)
	Close() error
}

// stored is the data that check compares with.
type stored struct {
	samples
	// at is the moment that counts as now.
	at    time.Time
	types func(context.Context) (map[string]string, error)
}

var _ datacheck.Data = (*stored)(nil)

// isAddress reports whether data is asked of a server, and not read from a folder.
func isAddress(where string) bool {
	return strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://")
}

// dataToken is what the server that has the data is asked with; "" for nothing. The token of the
// environment is for Burnline: no other system is shown it.
func (f *checkFlags) dataToken(cmd *cobra.Command) (string, error) {
	switch address, err := url.Parse(f.data); {
	case f.tokenFile != "" && !isAddress(f.data):
		return "", errors.New("--token-file is for --data with the address of a server, such as --data http://127.0.0.1:9900/prometheus")
	case f.tokenFile == "" && (err != nil || !isAddress(f.data) || !strings.HasSuffix(strings.TrimRight(address.Path, "/"), "/prometheus")):
		return "", nil
	}
	return readToken(cmd, f.tokenFile)
}

// openData opens a Prometheus-compatible server by its address, or a data
// folder. token is what the server is asked with, "" for nothing; known is the backend of the
// configuration, nil for none: where it is meant, its credentials are used in the place of no token.
func openData(where, token string, known *app.RemoteConfig) (*stored, error) {
	if isAddress(where) {
		// Nothing is written; the address stands where one has to.
		options := remote.Options{QueryURL: where, WriteURL: where, Now: time.Now,
			SignIn: "bring a token that may read there: --token-file FILE; a Burnline makes one by burnline tokens create NAME --scope read"}
		switch {
		case token != "":
			options.Client.Authorization = &config.Authorization{Type: "Bearer", Credentials: config.Secret(token)}
		case known != nil && known.QueryURL == where:
			options = known.Options()
		}
		store, err := remote.Open(options)
		if err != nil {
			return nil, err
		}
		return &stored{samples: store, at: time.Now(), types: store.Types}, nil
	}
	dir := filepath.Join(where, "metrics")
	if _, err := os.Stat(dir); err != nil {
		dir = where
	}
	reader, err := local.OpenReader(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	at, err := local.Written(dir)
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	// A folder keeps no types.
	none := func(context.Context) (map[string]string, error) { return nil, nil }
	return &stored{samples: reader, at: at, types: none}, nil
}

// Values implements datacheck.Data.
func (s *stored) Values(ctx context.Context, expr string, at time.Time) ([]float64, error) {
	v, err := s.Query(ctx, expr, at, at, 0)
	if err != nil {
		return nil, err
	}
	return metrics.Numbers(v)
}

// Types implements datacheck.Data.
func (s *stored) Types(ctx context.Context) (map[string]string, error) { return s.types(ctx) }

// lived is what would have happened had an SLO been live.
type lived struct {
	SLO     string    `json:"slo"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Pages   int       `json:"pages"`
	Tickets int       `json:"tickets"`
	// Remaining is the part of the budget, 0–1, that the group with the least
	// has left; nil where nothing is known.
	Remaining *float64 `json:"remaining"`
	// Group is that group, "" where the SLO has none.
	Group string `json:"group,omitempty"`
}

// String tells it in a sentence.
func (l lived) String() string {
	budget := "no data to tell the budget"
	if l.Remaining != nil {
		format := "budget at %.3g %%"
		if *l.Remaining <= -9.99 { // spent many times over: no exponent
			format = "budget at %.0f %%"
		}
		budget = fmt.Sprintf(format, 100**l.Remaining)
		if l.Group != "" {
			budget += " for " + l.Group
		}
	}
	return fmt.Sprintf("%s: had this been live for the last %s: %s, %s, %s", l.SLO,
		slo.FormatDuration(l.To.Sub(l.From).Round(time.Second)), count(l.Pages, "page"), count(l.Tickets, "ticket"), budget)
}

// compare returns what the data says of the definitions, and adds what would
// have happened had they been live for as long as back.
func (c *checked) compare(ctx context.Context, set spec.Set, data *stored, back time.Duration) (slo.Findings, error) {
	defs := set.Definitions
	findings, err := datacheck.Check(ctx, data, data.at, defs)
	if err != nil || back <= 0 {
		return findings, err
	}
	all, err := engine.Replay(ctx, engine.ReplayOptions{
		Definitions: defs, Corrections: set.Corrections, Reader: data, Querier: metrics.Ranges{Store: data},
		From: data.at.Add(-back), To: data.at,
	})
	if err != nil {
		return nil, err
	}
	wrong := map[slo.Source]bool{}
	for _, f := range findings.Errors() {
		wrong[f.Source] = true
	}
	for i := range defs {
		one := lived{
			SLO: defs[i].ID, From: data.at.Add(-back), To: data.at,
			Pages: all.Count(defs[i].ID, slo.Page), Tickets: all.Count(defs[i].ID, slo.Ticket),
		}
		for _, s := range all.Statuses {
			if s.ID != one.SLO {
				continue
			}
			if s.State == slo.StateBroken && !wrong[defs[i].Source] {
				wrong[defs[i].Source] = true // once, however many groups there are
				findings = append(findings, defs[i].Finding(slo.LevelError, "spec.sli", s.Reason, ""))
			}
			if b := s.Budget; b.Known && (one.Remaining == nil || b.Remaining < *one.Remaining) {
				one.Remaining, one.Group = &b.Remaining, s.Group.String()
			}
		}
		c.Lived = append(c.Lived, one)
	}
	return findings, nil
}
