package nasty

import (
	"encoding/json"
	"fmt"
)

// Objects are all objects of a JSON document, at whatever depth, in no order.
func Objects(document []byte) ([]map[string]any, error) {
	var tree any
	if err := json.Unmarshal(document, &tree); err != nil {
		return nil, fmt.Errorf("read a JSON document: %w", err)
	}
	return objects(tree, nil), nil
}

func objects(v any, all []map[string]any) []map[string]any {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			all = objects(one, all)
		}
	case map[string]any:
		all = append(all, v)
		for _, one := range v {
			all = objects(one, all)
		}
	}
	return all
}
