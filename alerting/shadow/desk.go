package shadow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Store keeps the old system's pages. storage/state implements it.
type Store interface {
	// TakePages keeps pages, one per ID: the first time at which one was told, and its end.
	// An end without a beginning is left out, and what was told before the moment is
	// forgotten.
	TakePages(ctx context.Context, pages []Page, forget time.Time) error
	// Pages returns those that were told since a moment, the newest first, at most limit.
	Pages(ctx context.Context, since time.Time, limit int) ([]Page, error)
	// PagesHeard returns when the first page that is kept was told; zero when there is
	// none.
	PagesHeard(ctx context.Context) (time.Time, error)
}

// Options are what a Desk needs; all are required.
type Options struct {
	Store  Store
	Ledger alerting.Ledger
	// Definitions returns the SLOs that are watched.
	Definitions func() []*slo.Definition
	// Mode returns who is told for real.
	Mode func() alerting.Shadow
	Now  func() time.Time
}

// Desk takes what the old system told and compares it. It is safe for concurrent use.
type Desk struct{ o Options }

// New returns a desk, or what is missing.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Ledger == nil || o.Definitions == nil || o.Mode == nil || o.Now == nil {
		return nil, errors.New("shadow: a store, a ledger, definitions, the mode and a clock are required")
	}
	return &Desk{o}, nil
}

// The bounds of a report, and how long pages are kept.
const (
	MostDays    = 31
	mostPages   = 5000
	mostRecords = 5000
	pagesKept   = 90 * 24 * time.Hour
)

// Report is what was told in the last days.
type Report struct {
	// From and To bound it; days are UTC.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Shadow is true in shadow mode, and Live are the teams that are told for real.
	Shadow bool     `json:"shadow"`
	Live   []string `json:"live"`
	// Heard is when the old system was first heard; nil when it never was.
	Heard *time.Time `json:"heard"`
	// Cut is true where there is more than fits a report.
	Cut bool `json:"cut"`
	// Days are those on which something was told, the newest first.
	Days []Day `json:"days"`
}

// Mode returns who is told for real.
func (d *Desk) Mode() alerting.Shadow { return d.o.Mode() }

// Take keeps one webhook of the old Alertmanager's, on disk before it returns, and says how many
// alerts it brought. What is wrong with it is slo.Problems; other errors are the store's.
func (d *Desk) Take(ctx context.Context, body io.Reader) (int, error) {
	now := d.o.Now()
	pages, err := Decode(body, now)
	if err != nil {
		return 0, err
	}
	if err := d.o.Store.TakePages(ctx, pages, now.Add(-pagesKept)); err != nil {
		return 0, fmt.Errorf("keep what the old Alertmanager told: %w", err)
	}
	return len(pages), nil
}

// Report compares today and the days before it.
func (d *Desk) Report(ctx context.Context, days int) (Report, error) {
	now := d.o.Now().UTC()
	days = min(max(days, 1), MostDays)
	from := now.Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	// What was told just before belongs to what was told just after.
	around := from.Add(-24 * time.Hour)
	w := World{Definitions: d.o.Definitions(), Now: now}
	var err error
	if w.Heard, err = d.o.Store.PagesHeard(ctx); err != nil {
		return Report{}, err
	}
	if w.Pages, err = d.o.Store.Pages(ctx, around, mostPages); err != nil {
		return Report{}, err
	}
	if w.Records, err = d.o.Ledger.Incidents(ctx, alerting.Filter{From: around, Limit: mostRecords}); err != nil {
		return Report{}, err
	}
	mode := d.o.Mode()
	r := Report{From: from, To: now, Shadow: mode.On, Live: append([]string{}, mode.Live...), Days: Compare(w, from),
		Cut: len(w.Pages) == mostPages || len(w.Records) == mostRecords}
	if !w.Heard.IsZero() {
		r.Heard = &w.Heard
	}
	return r, nil
}
