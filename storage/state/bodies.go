package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// decoded reads a body that is kept as JSON; what names it in errors.
func decoded[T any](what, body string) (v T, _ error) {
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		var none T
		return none, fmt.Errorf("read a stored %s: %w", what, err)
	}
	return v, nil
}

// bodies reads all bodies that a query of one column finds.
func bodies[T any](ctx context.Context, s *Store, what, query string, args ...any) (all []T, _ error) {
	err := eachRow(ctx, s.reads, query, args, func(rows *sql.Rows) error {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		v, err := decoded[T](what, body)
		all = append(all, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %ss: %w", what, s.dialect.explain(err))
	}
	return all, nil
}
