package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"burnline/slo"
)

// Versions returns all wordings of one SLO, the oldest first.
func (s *Store) Versions(ctx context.Context, id string) ([]slo.Version, error) {
	return s.versions(ctx, `SELECT body FROM versions WHERE slo = $1 ORDER BY number`, plain(id))
}

// AllVersions returns all wordings of all SLOs, in order of SLO, the oldest first.
func (s *Store) AllVersions(ctx context.Context) ([]slo.Version, error) {
	return s.versions(ctx, `SELECT body FROM versions ORDER BY slo, number`)
}

// NewestVersions returns the newest wording of every SLO that ever had one, in order of
// SLO.
func (s *Store) NewestVersions(ctx context.Context) ([]slo.Version, error) {
	return s.versions(ctx, `SELECT v.body FROM versions v
		JOIN (SELECT slo, MAX(number) AS number FROM versions GROUP BY slo) newest ON newest.slo = v.slo AND newest.number = v.number
		ORDER BY v.slo`)
}

func (s *Store) versions(ctx context.Context, query string, args ...any) ([]slo.Version, error) {
	return bodies[slo.Version](ctx, s, "versions", query, args...)
}

// SaveVersions keeps wordings of definitions, each as the newest of its SLO, and
// gives them their numbers, all in one transaction. Where the newest has the same
// hash and ended or not as it did, nothing changes: two nodes that load the same files keep one version.
func (s *Store) SaveVersions(ctx context.Context, all ...slo.Version) error {
	for _, v := range all {
		if v.SLO == "" || v.Hash == "" {
			return fmt.Errorf("save a version of %q: it has no SLO or no hash", v.SLO)
		}
	}
	return s.write(ctx, time.Time{}, func(w writer) error {
		for _, v := range all {
			if err := w.version(v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w writer) version(v slo.Version) error {
	newest, err := w.newestVersion(v.SLO)
	if err != nil || newest.Hash == v.Hash && newest.Ended == v.Ended {
		return err
	}
	v.Number = newest.Number + 1
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("save a version of %s: %w", v.SLO, err)
	}
	done, err := w.tx.ExecContext(w.ctx, `INSERT INTO versions (slo, number, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		v.SLO, v.Number, string(body))
	if err != nil {
		return fmt.Errorf("save a version of %s: %w", v.SLO, err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return errRaced // another node gave the number away
	}
	return err
}

func (w writer) newestVersion(id string) (v slo.Version, err error) {
	all, err := bodiesBy[slo.Version](w.ctx, w.tx, `SELECT body FROM versions WHERE slo = $1 ORDER BY number DESC LIMIT 1`, id)
	if err != nil {
		return v, fmt.Errorf("read the newest version of %s: %w", id, err)
	}
	if len(all) > 0 {
		v = all[0]
	}
	return v, nil
}
