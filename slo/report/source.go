package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Store is where totals and wordings are kept for good. storage/state implements it.
type Store interface {
	// Totals yields the days of an SLO and all its groups that overlap (from, to].
	Totals(ctx context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error
	// AllVersions returns all wordings of all SLOs, in order of SLO, the oldest first.
	AllVersions(ctx context.Context) ([]slo.Version, error)
}

// SourceOptions are what a Source reads from; all are required, but for Worded.
type SourceOptions struct {
	Store Store
	// Definitions returns the SLOs in force.
	Definitions func() []*slo.Definition
	// Held returns the days of an SLO that are not stored yet, today among them.
	Held func(id string, from time.Time) []slo.DayTotals
	// Corrections returns those in force.
	Corrections func() []slo.Correction
	// Worded reads the text of a version, for SLOs that were removed; false where it can't be
	// read. Nil tells of them by their names alone.
	Worded func(v slo.Version) (*slo.Definition, bool)
	// Now is the clock.
	Now func() time.Time
}

// Source puts promises together. It is safe for concurrent use.
type Source struct{ o SourceOptions }

// NewSource returns a source, or says what is missing.
func NewSource(o SourceOptions) (*Source, error) {
	if o.Store == nil || o.Definitions == nil || o.Held == nil || o.Corrections == nil || o.Now == nil {
		return nil, errors.New("report: a source needs Store, Definitions, Held, Corrections and Now")
	}
	return &Source{o}, nil
}

// Catalog is who promised what when: the SLOs in force and those that were removed, and all
// corrections, as they are at one moment.
type Catalog struct {
	// SLOs are in order of ID; those that were removed follow.
	SLOs []CatalogSLO
	// Corrections are those in force.
	Corrections []slo.Correction
	// At is the moment.
	At time.Time
}

// CatalogSLO is one SLO with its wordings.
type CatalogSLO struct {
	Definition *slo.Definition
	// Versions are its wordings, with those of the SLO whose place it took before them.
	Versions []slo.Version
	// Removed is when it left the configuration; zero while it is in force.
	Removed time.Time
}

// Catalog reads all SLOs and corrections.
func (s *Source) Catalog(ctx context.Context) (Catalog, error) {
	c := Catalog{At: s.o.Now(), Corrections: s.o.Corrections()}
	all, err := s.o.Store.AllVersions(ctx)
	if err != nil {
		return Catalog{}, fmt.Errorf("read who promised what: %w", err)
	}
	worded := map[string][]slo.Version{}
	for _, v := range all {
		worded[v.SLO] = append(worded[v.SLO], v)
	}
	there, succeeded := map[string]bool{}, map[string]bool{}
	for _, d := range s.o.Definitions() {
		there[d.ID] = true
		one := CatalogSLO{Definition: d, Versions: lineage(worded, d.ID)}
		for _, v := range one.Versions {
			succeeded[v.SLO] = true
		}
		c.SLOs = append(c.SLOs, one)
	}
	for _, id := range sortedKeys(worded) {
		last := worded[id][len(worded[id])-1]
		if there[id] || succeeded[id] || !last.Ended {
			continue
		}
		c.SLOs = append(c.SLOs, CatalogSLO{Definition: s.worded(last), Versions: lineage(worded, id), Removed: last.Since})
	}
	return c, nil
}

// worded is the definition of an SLO that was removed, as far as it can be told.
func (s *Source) worded(v slo.Version) *slo.Definition {
	if s.o.Worded != nil {
		if d, ok := s.o.Worded(v); ok {
			return d
		}
	}
	service, name, _ := strings.Cut(v.SLO, "/")
	return &slo.Definition{ID: v.SLO, Service: service, Name: name, Objective: v.Objective}
}

// lineage returns the versions of an SLO, those of the ones whose place it took first.
func lineage(worded map[string][]slo.Version, id string) []slo.Version {
	var all []slo.Version
	for seen := map[string]bool{}; id != "" && !seen[id] && len(worded[id]) > 0; {
		seen[id] = true
		own := slices.Clone(worded[id])
		id = own[0].Succeeds
		if len(all) > 0 { // what the place was taken of ended with that
			own = slices.DeleteFunc(own, func(v slo.Version) bool { return v.Ended })
		}
		all = append(own, all...)
	}
	return all
}

// Promise reads how an SLO of the catalog was kept in (from, to].
func (s *Source) Promise(ctx context.Context, c *Catalog, one *CatalogSLO, from, to time.Time) (Promise, error) {
	p, err := s.promise(ctx, c, one, from, to)
	if err != nil || one.Definition.SLI.Composite == nil {
		return p, err
	}
	for _, part := range one.Definition.SLI.Composite.Parts {
		i := slices.IndexFunc(c.SLOs, func(o CatalogSLO) bool { return o.Definition.ID == part.SLO })
		if i < 0 || c.SLOs[i].Definition.SLI.Composite != nil {
			p.Parts = append(p.Parts, Promise{Definition: &slo.Definition{ID: part.SLO}})
			continue
		}
		of, err := s.promise(ctx, c, &c.SLOs[i], from, to)
		if err != nil {
			return Promise{}, err
		}
		p.Parts = append(p.Parts, of)
		p.Since = earlier(p.Since, of.Since)
	}
	return p, nil
}

// promise reads an SLO's own totals.
func (s *Source) promise(ctx context.Context, c *Catalog, one *CatalogSLO, from, to time.Time) (Promise, error) {
	d := one.Definition
	p := Promise{Definition: d, Versions: one.Versions, Until: c.At, Corrected: slo.Corrected(c.Corrections, d, from, to)}
	if !one.Removed.IsZero() {
		p.Until = one.Removed
	}
	if len(one.Versions) > 0 {
		p.Since = one.Versions[0].Since
	}
	if d.SLI.Composite != nil { // since its parts, at the latest
		return p, nil
	}
	held := s.o.Held(d.ID, from)
	err := s.o.Store.Totals(ctx, d.ID, from, to, func(t slo.DayTotals) error {
		i := slices.IndexFunc(held, func(h slo.DayTotals) bool { return h.Day.Equal(t.Day) && h.Group.String() == t.Group.String() })
		if i < 0 {
			p.Totals = append(p.Totals, t)
			return nil
		}
		for q := range t.Total {
			held[i].Complete(q, &t) // the engine may only know the end of the day
		}
		return nil
	})
	if err != nil {
		return Promise{}, fmt.Errorf("read how %s was kept: %w", d.ID, err)
	}
	for _, h := range held {
		if h.Day.Before(to) {
			p.Totals = append(p.Totals, h)
		}
	}
	if p.Since = earlier(p.Since, begun(p.Totals)); p.Since.IsZero() {
		p.Since = c.At // loaded a moment ago, and not noted yet
	}
	return p, nil
}

// begun returns the beginning of the first quarter with events; zero without any.
func begun(days []slo.DayTotals) time.Time {
	var first time.Time
	for i := range days {
		d := &days[i]
		for q := range d.Total {
			if d.Total[q]+d.OutTotal[q] != 0 {
				first = earlier(first, d.Day.Add(time.Duration(q)*quarter))
				break
			}
		}
	}
	return first
}

// earlier returns the earlier of two moments, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
