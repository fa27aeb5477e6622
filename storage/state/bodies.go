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

// bodies reads all bodies that a query of one column finds; what they are together, such as silences, names them in errors.
func bodies[T any](ctx context.Context, s *Store, what, query string, args ...any) ([]T, error) {
	all, err := bodiesBy[T](ctx, s.reads, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, s.dialect.explain(err))
	}
	return all, nil
}

// bodiesBy is bodies within a transaction, or wherever q reads.
func bodiesBy[T any](ctx context.Context, q queryer, query string, args ...any) (all []T, _ error) {
	err := eachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			return fmt.Errorf("decode one: %w", err)
		}
		all = append(all, v)
		return nil
	})
	return all, err
}
