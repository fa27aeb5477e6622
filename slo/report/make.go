package report

import "context"

// Make makes the reports of one period, one for each scope: a team's, or everybody's for "". Every
// SLO is read once.
func (s *Source) Make(ctx context.Context, in Input, teams []string) ([]Report, error) {
	catalog, err := s.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	in.Catalog = &catalog
	makers := make([]*Maker, len(teams))
	for i, team := range teams {
		in.Team = team
		makers[i] = NewMaker(in)
	}
	for i := range catalog.SLOs {
		if err := s.read(ctx, &catalog, &catalog.SLOs[i], makers); err != nil {
			return nil, err
		}
	}
	all := make([]Report, len(makers))
	for i, m := range makers {
		all[i] = m.Report()
	}
	return all, nil
}

// read gives one SLO to those that want it.
func (s *Source) read(ctx context.Context, c *Catalog, one *CatalogSLO, makers []*Maker) error {
	var r *Record
	for _, m := range makers {
		if !m.Wants(one) {
			continue
		}
		if r == nil {
			p, err := s.Promise(ctx, c, one, m.Begin(), m.in.Period.To)
			if err != nil {
				return err
			}
			r = Read(&p)
		}
		m.Add(one, r)
	}
	return nil
}
