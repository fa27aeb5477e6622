// Package backup makes backups and restores them: what is in one, that it is whole, which are kept, and how one
// becomes a data folder again. What a store holds is written by a function that it is given.
package backup
