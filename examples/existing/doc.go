// Package existing shows Burnline beside what is there already: one folder for each neighbour, with the exact
// file, which its tests run.
package existing
