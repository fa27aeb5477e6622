// Package webhook posts rows of the outbox to an address of the user's own, in the form that
// Alertmanager's webhooks have (version 4), and signs them where a secret is given.
package webhook
