package local

import (
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/metadata"
)

// maxFamilies bounds the memory that senders can fill with metric names.
const maxFamilies = 100_000

// families keeps the newest metadata of each metric family.
type families struct {
	mu sync.RWMutex
	m  map[string]*family
}

// family is one metric family; its fields don't change.
type family struct {
	name string
	meta metadata.Metadata
}

func newFamilies() *families { return &families{m: map[string]*family{}} }

// note remembers the family's metadata and returns the entry. The name may be
// memory that its owner reuses; the metadata may not.
func (f *families) note(name string, meta metadata.Metadata) *family {
	f.mu.RLock()
	known := f.m[name]
	f.mu.RUnlock()
	if known != nil && known.meta == meta {
		return known
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m[name] == nil && len(f.m) >= maxFamilies {
		return nil
	}
	entry := &family{name: strings.Clone(name), meta: meta}
	f.m[entry.name] = entry
	return entry
}

func (f *families) all() map[string]metadata.Metadata {
	f.mu.RLock()
	defer f.mu.RUnlock()
	out := make(map[string]metadata.Metadata, len(f.m))
	for name, entry := range f.m {
		out[name] = entry.meta
	}
	return out
}
