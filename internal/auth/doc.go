// Package auth knows who may do what: people and their roles, tokens of programs, sessions, how
// often a password may be tried, and what is written down of every change. It knows nothing of
// HTTP and of databases; web asks it, and storage/state keeps what it decides.
package auth
