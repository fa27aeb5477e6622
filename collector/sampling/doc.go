// Package sampling chooses the traces that are kept, once all of their spans had time to come: those with a span
// that broke an SLO, those with an error, slow ones, and a share of all others, each within a budget of
// spans.
//
// Until then spans are held as the bytes in which they would be sent on, not decoded: a few hundred
// bytes a span instead of a few thousand, with nothing in them for the garbage collector to
// follow. Only what is kept is decoded again.
package sampling
