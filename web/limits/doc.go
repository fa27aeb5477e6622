// Package limits bounds what clients may ask for: how often each one, and how much at once.
package limits
