// Package render gives a row of the outbox the form that Alertmanager's users know: the data of their
// templates, and the templates themselves, which it renders within bounds of time and size. What
// fails is said in the message and falls back to Burnline's own text, so that no template costs a page.
package render
