package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

const (
	// stepEvery is how often it is looked whether something is to be closed or told.
	stepEvery = time.Minute
	// grace is how long after its end a period is closed: late data comes within it.
	grace = 24 * time.Hour
	// settling is how long after that totals may still change, and settlingEvery how often the
	// report is made again meanwhile.
	settling      = 4 * 24 * time.Hour
	settlingEvery = 6 * time.Hour
)

// check is with which corrections a closed report was last made again, and when.
type check struct {
	basis string
	at    time.Time
}

// Run closes and tells until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	ticker := time.NewTicker(stepEvery)
	defer ticker.Stop()
	for {
		if err := d.Step(ctx); err != nil && ctx.Err() == nil {
			d.failures.Inc()
			d.o.Logger.Warn("reports could not be closed or sent; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Step closes what is due, makes closed reports again where their corrections or totals may have
// changed, and tells what is scheduled.
func (d *Desk) Step(ctx context.Context) error {
	catalog, err := d.o.Source.Catalog(ctx)
	if err != nil {
		return err
	}
	begun := begin(&catalog)
	var errs []error
	for _, u := range units() {
		p := report.PeriodOf(u.unit, d.o.Now().Add(-grace), d.Zone()).Before()
		for range u.back {
			if begun.IsZero() || !begun.Before(p.To) {
				break
			}
			errs = append(errs, d.settle(ctx, &catalog, p))
			p = p.Before()
		}
	}
	return errors.Join(append(errs, d.tellDue(ctx))...)
}

// reach is how many periods of a unit are closed where the server was away, and looked at again
// when corrections change.
type reach struct {
	unit slo.CalendarUnit
	back int
}

func units() []reach {
	return []reach{{slo.Month, 13}, {slo.Week, 9}, {slo.Quarter, 4}, {slo.Year, 1}}
}

// begin returns when the first promise was made; zero where there is none.
func begin(c *report.Catalog) time.Time {
	var first time.Time
	for i := range c.SLOs {
		for _, v := range c.SLOs[i].Versions {
			if first.IsZero() || v.Since.Before(first) {
				first = v.Since
			}
		}
	}
	return first
}

// read learns what is closed of a period, once, and again where another node closed it, too. Periods are read one
// by one: a list of all would lose the oldest, which would be closed again without end.
func (d *Desk) read(ctx context.Context, period string) error {
	if d.heads[period] != nil {
		return nil
	}
	all, err := d.o.Store.ReportHeads(ctx, period, mostHeads)
	if err != nil {
		return err
	}
	newest := map[string]report.Head{}
	for _, h := range all {
		if newest[h.Team].Revision < h.Revision {
			newest[h.Team] = h
		}
	}
	d.heads[period] = newest
	return nil
}

// settle closes a period that is not closed, and makes it again where it may have changed.
func (d *Desk) settle(ctx context.Context, c *report.Catalog, p report.Period) error {
	if err := d.read(ctx, p.Name); err != nil {
		return err
	}
	if _, closed := d.heads[p.Name][""]; !closed {
		return d.close(ctx, c, p)
	}
	basis, now := basisOf(c, p), d.o.Now()
	var again []string
	for team, h := range d.heads[p.Name] {
		last, checked := d.rechecked[scope{p.Name, team}]
		if !checked {
			last = check{h.Basis, h.Made}
		}
		due := last.basis != basis || now.Before(p.To.Add(grace+settling)) && now.Sub(last.at) >= settlingEvery
		if due {
			again = append(again, team)
		}
	}
	slices.Sort(again)
	if len(again) == 0 {
		return nil
	}
	return d.revise(ctx, p, again, basis)
}

// close makes the first revision for everybody and for each team.
func (d *Desk) close(ctx context.Context, c *report.Catalog, p report.Period) error {
	teams := []string{""}
	for i := range c.SLOs {
		if team := c.SLOs[i].Definition.Team; team != "" && !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	// Everybody's comes last: while it is missing, the period is not closed.
	slices.Sort(teams)
	slices.Reverse(teams)
	all, err := d.make(ctx, p, teams)
	if err != nil {
		return fmt.Errorf("close %s: %w", p.Name, err)
	}
	basis := basisOf(c, p)
	for _, r := range all {
		r.Revision, r.Reason = 1, "the period is over"
		if err := d.save(ctx, r, basis, "first"); err != nil {
			return err
		}
	}
	return nil
}

// revise makes closed reports again, and keeps those that are otherwise as further revisions.
func (d *Desk) revise(ctx context.Context, p report.Period, teams []string, basis string) error {
	for _, team := range teams {
		k := scope{p.Name, team}
		if d.heads[p.Name] == nil {
			return nil
		}
		old, found, err := d.o.Store.Report(ctx, p.Name, team, 0)
		if err != nil || !found {
			return err
		}
		zone, err := time.LoadLocation(old.Zone)
		if err != nil {
			return fmt.Errorf("make %s again: %w", p.Name, err)
		}
		all, err := d.make(ctx, old.Period.In(zone), []string{team})
		if err != nil {
			return fmt.Errorf("make %s again: %w", p.Name, err)
		}
		now := all[0]
		d.rechecked[k] = check{basis, d.o.Now()}
		if now.Differences = report.Compare(&old, &now); len(now.Differences) == 0 {
			continue
		}
		now.Revision, now.Reason = old.Revision+1, "late data changed what was counted"
		if d.heads[p.Name][team].Basis != basis {
			now.Reason = "corrections changed"
		}
		if err := d.save(ctx, now, basis, "later"); err != nil {
			return err
		}
	}
	return nil
}

// save keeps a revision, unless another node was faster.
func (d *Desk) save(ctx context.Context, r report.Report, basis, kind string) error {
	saved, err := d.o.Store.SaveReport(ctx, r, basis)
	if err != nil {
		return err
	}
	if !saved {
		delete(d.heads, r.Period.Name) // what the other one made is read before the next step
		return nil
	}
	if known := d.heads[r.Period.Name]; known != nil {
		known[r.Team] = report.Head{Period: r.Period.Name, Team: r.Team, Revision: r.Revision, Made: r.Made, Reason: r.Reason, Basis: basis}
	}
	d.revisions.WithLabelValues(kind).Inc()
	return nil
}

// basisOf stands for the corrections that take time out of a period.
func basisOf(c *report.Catalog, p report.Period) string {
	sum := sha256.New()
	out := json.NewEncoder(sum)
	for _, one := range slices.SortedFunc(slices.Values(c.Corrections), func(a, b slo.Correction) int { return strings.Compare(a.ID, b.ID) }) {
		if in := one.Between(p.From, p.To); len(in) > 0 {
			_ = out.Encode([]any{one.ID, one.Kind, one.SLOs, one.Services, one.Journeys, one.Teams, one.Reason, one.Author, in}) // a hash takes all
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
