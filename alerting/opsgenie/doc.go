// Package opsgenie sends rows of the outbox to Opsgenie's Alert API: an alert per incident, known by its alias,
// with its news as notes, within the limits that Opsgenie documents.
package opsgenie
