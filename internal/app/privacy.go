package app

import (
	"context"
	"path/filepath"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/privacy"
)

// customerKey is the file in the data folder that holds the key of customer ids.
const customerKey = "customers.key"

// openPrivacy reads the key that customer ids are hashed with; the one in the data folder
// is made at the first start.
func (p *parts) openPrivacy(context.Context, *teardown) error {
	c := p.set.Load().Config
	var err error
	if c.Impact.HashKeyFile != "" {
		p.hasher, err = privacy.Open(c.Impact.HashKeyFile)
		return err
	}
	p.hasher, err = privacy.OpenOrMake(filepath.Join(c.Data, customerKey))
	return err
}

// redact takes out of traces what the configuration in force wants kept nowhere.
func (p *parts) redact(td ptrace.Traces) {
	set := p.set.Load()
	privacy.Redactor{Hasher: p.hasher, Hash: set.hashed, Remove: set.Config.Traces.Redact}.Traces(td)
}

// hashedAttributes are those whose values are never stored as they are: those of the configuration, and those by
// which SLOs name their customers.
func (s *settings) hashedAttributes() []string {
	all := slices.Clone(s.Config.hashedAttributes())
	for i := range s.Definitions {
		if name := s.Definitions[i].Impact.Customer; name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// hashedAttributes are those of the configuration alone.
func (c Config) hashedAttributes() []string {
	if c.Impact.Customer == "" || slices.Contains(c.Traces.Hash, c.Impact.Customer) {
		return c.Traces.Hash
	}
	return append([]string{c.Impact.Customer}, c.Traces.Hash...)
}

// stored is what stands in place of an attribute's value in kept traces.
func (p *parts) stored(attribute, value string) string {
	if privacy.IsHash(value) || !slices.Contains(p.set.Load().hashed, attribute) {
		return value
	}
	return p.hasher.Hash(value)
}

// ForgetCustomer deletes every kept trace of a customer, who is named by the id or by its
// hash, and returns how many there were. The log tells of it, by the hash.
func (p *parts) ForgetCustomer(ctx context.Context, customer string) (int, error) {
	value := customer
	if !privacy.IsHash(value) {
		value = p.hasher.Hash(customer)
	}
	n, err := p.traces.Forget(ctx, p.set.Load().hashed, value)
	p.log("privacy").Info("traces of a customer were deleted on demand", "customer", value, "traces", n, "complete", err == nil)
	return n, err
}
