package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Types returns the types of metric families (counter, gauge, histogram, …) as
// far as the backend keeps them; nil where it doesn't at all.
func (s *Store) Types(ctx context.Context) (map[string]string, error) {
	body, err := s.client.get(ctx, "/api/v1/metadata")
	var refused *statusError
	if errors.As(err, &refused) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	var answer struct {
		Data map[string][]struct {
			Type string `json:"type"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	types := make(map[string]string, len(answer.Data))
	for family, all := range answer.Data {
		for _, one := range all {
			if types[family] != "" && types[family] != one.Type {
				types[family] = "unknown" // its sources don't agree
				break
			}
			types[family] = one.Type
		}
	}
	return types, nil
}
