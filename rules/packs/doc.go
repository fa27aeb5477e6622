// Package packs holds ready SLOs, alerts and panels for programs that many teams run: one folder a program, with
// how its metrics are scraped. Users write a pack out once, and the files are theirs from then on.
package packs
