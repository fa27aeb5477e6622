package state

import (
	"iter"
	"slices"
	"strings"
)

// mostAtOnce is how many rows one statement reads or writes. Databases bound the number of
// parameters.
const mostAtOnce = 256

// parts cuts values into the sizes 256, 64, 16, 4 and 1: a few texts of statements then serve
// every number of values, and both engines keep what they prepared of these.
func parts[T any](values []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for size := mostAtOnce; len(values) > 0; {
			if size > len(values) {
				size /= 4
				continue
			}
			if !yield(values[:size]) {
				return
			}
			values = values[size:]
		}
	}
}

// filled cuts values for lists in which it does no harm to name one twice, and fills each part up to
// one of the sizes of parts.
func filled[T any](values []T) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for some := range slices.Chunk(values, mostAtOnce) {
			size := mostAtOnce
			for size/4 >= len(some) {
				size /= 4
			}
			all := make([]any, size)
			for i := range all {
				all[i] = some[min(i, len(some)-1)]
			}
			if !yield(all) {
				return
			}
		}
	}
}

// places are n placeholders. SQLite looks each of a statement's names up among all
// before it, so that thousands that have one take long; it takes them without.
func (d dialect) places(from, n int) string {
	if d.name == postgresName {
		return list(from, n)
	}
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

// tuples are the placeholders of n rows of a width.
func (d dialect) tuples(n, width int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + d.places(1+i*width, width) + ")")
	}
	return b.String()
}

// values are the placeholders of n rows of a width, of which every column is a number.
func (d dialect) values(n, width int) string {
	first := "(" + strings.TrimSuffix(strings.Repeat("CAST(? AS BIGINT), ", width), ", ") + ")"
	if d.name == postgresName { // it takes the type of a column from its first row
		for i := range width {
			first = strings.Replace(first, "?", list(1+i, 1), 1)
		}
	}
	if n == 1 {
		return first
	}
	var b strings.Builder
	b.WriteString(first)
	for i := 1; i < n; i++ {
		b.WriteString(", (" + d.places(1+i*width, width) + ")")
	}
	return b.String()
}
