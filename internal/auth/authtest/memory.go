// Package authtest keeps users, sessions, tokens and the audit log in memory, for tests of what
// stands on them.
package authtest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/internal/auth"
)

// Memory is an auth.Store. The zero value is ready, and safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	users    map[string]auth.User
	sessions map[string]auth.Session
	tokens   map[string]auth.Token
	entries  []auth.Entry
	// away is what everything fails with; nil for nothing.
	away error
}

var _ auth.Store = (*Memory)(nil)

// Fail lets everything fail with an error from now on; nil ends that.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = err
}

// Users implements auth.UserStore.
func (m *Memory) Users(context.Context) ([]auth.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all(), m.away
}

func (m *Memory) all() []auth.User {
	var all []auth.User
	for _, u := range m.users {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b auth.User) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// EditUsers implements auth.UserStore.
func (m *Memory) EditUsers(_ context.Context, edit func([]auth.User) ([]auth.User, []string, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed, gone, err := edit(m.all())
	if err != nil || m.away != nil {
		return cmp.Or(err, m.away)
	}
	if m.users == nil {
		m.users = map[string]auth.User{}
	}
	for _, name := range gone {
		delete(m.users, name)
	}
	for _, u := range changed {
		m.users[u.Name] = u
	}
	return nil
}

// SaveSession implements auth.SessionStore.
func (m *Memory) SaveSession(_ context.Context, s auth.Session, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions == nil {
		m.sessions = map[string]auth.Session{}
	}
	m.sessions[s.Hash] = s
	return m.away
}

// Session implements auth.SessionStore.
func (m *Memory) Session(_ context.Context, hash string) (auth.Session, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.sessions[hash]
	return s, found, m.away
}

// Tokens implements auth.TokenStore.
func (m *Memory) Tokens(context.Context) ([]auth.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []auth.Token
	for _, t := range m.tokens {
		all = append(all, t)
	}
	return all, m.away
}

// TokenOf implements auth.TokenStore.
func (m *Memory) TokenOf(_ context.Context, hash string) (auth.Token, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tokens {
		if t.Hash == hash {
			return t, true, m.away
		}
	}
	return auth.Token{}, false, m.away
}

// SaveToken implements auth.TokenStore.
func (m *Memory) SaveToken(_ context.Context, t auth.Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil {
		m.tokens = map[string]auth.Token{}
	}
	m.tokens[t.ID] = t
	return m.away
}

// AppendAudit implements auth.AuditStore.
func (m *Memory) AppendAudit(_ context.Context, e auth.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = append(m.entries, e)
	return m.away
}

// Audit implements auth.AuditStore. It narrows by who, what and outcome alone.
func (m *Memory) Audit(_ context.Context, f auth.EntryFilter) ([]auth.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var some []auth.Entry
	for _, e := range slices.Backward(m.entries) {
		if (f.Who == "" || e.Who == f.Who) && strings.Contains(e.Act+e.Object+e.Route, f.What) && (f.Outcome == "" || e.Outcome == f.Outcome) && len(some) < f.Limit {
			some = append(some, e)
		}
	}
	return some, m.away
}
