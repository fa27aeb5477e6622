// Package pdf writes reports as pages of A4, with what their page shows. Its letters are those of
// the Go fonts, which have Latin, Greek and Cyrillic.
package pdf
