package state

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

const day = 24 * time.Hour

// totalsRows is how many rows one statement writes; each has four values.
const totalsRows = 200

// SaveTotals keeps the events of days; what was kept of the same SLO, group and
// day is replaced. All of them are kept, or none.
func (s *Store) SaveTotals(ctx context.Context, totals []slo.DayTotals) error {
	rows := make([]totalsRow, 0, len(totals))
	for i := range totals {
		row, err := newTotalsRow(&totals[i])
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	// In one order, so that two nodes don't wait for each other; the last one counts
	// where one stands twice, which no statement may write at once.
	slices.SortStableFunc(rows, totalsRow.compare)
	last := rows[:0]
	for i := range rows {
		if i+1 < len(rows) && rows[i].compare(rows[i+1]) == 0 {
			continue
		}
		last = append(last, rows[i])
	}
	return s.write(ctx, time.Time{}, func(w writer) error {
		for some := range slices.Chunk(last, totalsRows) {
			if err := w.totals(some); err != nil {
				return fmt.Errorf("save the totals of days: %w", err)
			}
		}
		return nil
	})
}

// totalsRow is one row of the table.
type totalsRow struct {
	slo, group string
	day        int64
	counts     []byte
}

func newTotalsRow(d *slo.DayTotals) (totalsRow, error) {
	if !d.Day.Equal(d.Day.Truncate(day)) {
		return totalsRow{}, fmt.Errorf("save the totals of %s: %s is not midnight UTC", d.SLO, d.Day.Format(time.RFC3339))
	}
	group, err := json.Marshal(d.Group)
	if err != nil {
		return totalsRow{}, fmt.Errorf("save the totals of %s: %w", d.SLO, err)
	}
	return totalsRow{slo: d.SLO, group: string(group), day: d.Day.Unix() / int64(day/time.Second), counts: encodeTotals(d)}, nil
}

func (r totalsRow) compare(o totalsRow) int {
	return cmp.Or(cmp.Compare(r.slo, o.slo), cmp.Compare(r.day, o.day), cmp.Compare(r.group, o.group))
}

func (w writer) totals(rows []totalsRow) error {
	var values []string
	var args []any
	for i, r := range rows {
		values = append(values, "("+list(4*i+1, 4)+")")
		args = append(args, r.slo, r.day, r.group, r.counts)
	}
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO totals (slo, day, slo_group, counts) VALUES `+strings.Join(values, ", ")+`
		ON CONFLICT (slo, day, slo_group) DO UPDATE SET counts = excluded.counts`, args...)
	return err
}

// Totals yields what is kept of one SLO's days that overlap (from, to], in order of
// day and group. An error of yield ends it and is returned.
func (s *Store) Totals(ctx context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error {
	rows, err := s.reads.QueryContext(ctx, `SELECT day, slo_group, counts FROM totals
		WHERE slo = $1 AND day >= $2 AND day < $3 ORDER BY day, slo_group`, plain(id), dayOf(from), dayOf(to.Add(day-1)))
	if err != nil {
		return fmt.Errorf("read the totals of %s: %w", id, s.dialect.explain(err))
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		d := slo.DayTotals{SLO: id}
		var number int64
		var group string
		var counts []byte
		if err := rows.Scan(&number, &group, &counts); err != nil {
			return fmt.Errorf("read the totals of %s: %w", id, err)
		}
		d.Day = time.Unix(number*int64(day/time.Second), 0).UTC()
		if err := json.Unmarshal([]byte(group), &d.Group); err != nil {
			return fmt.Errorf("read the totals of %s: %w", id, err)
		}
		if err := decodeTotals(counts, &d); err != nil {
			return fmt.Errorf("read the totals of %s on %s: %w", id, d.Day.Format(time.DateOnly), err)
		}
		if err := yield(d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// dayOf returns the number of the day that holds the moment.
func dayOf(at time.Time) int64 { return at.Truncate(day).Unix() / int64(day/time.Second) }
