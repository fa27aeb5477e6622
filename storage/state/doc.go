// Package state keeps what pages depend on: incidents, their story, and the
// outbox; and what budgets rest on and nothing else remembers: corrections, the
// wordings of definitions, and the totals of every day. It has one schema and one set of statements for SQLite, the default,
// and PostgreSQL; both pass one contract suite. A commit is on disk when it
// returns.
package state
