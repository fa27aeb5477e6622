// Package pagerduty sends rows of the outbox to PagerDuty's Events API v2. It
// knows the limits that PagerDuty documents and keeps them: a message that is
// too long is shortened and says so, it is never dropped.
package pagerduty
