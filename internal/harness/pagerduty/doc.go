// Package pagerduty is a stand-in for PagerDuty's Events API v2 and its webhooks: it
// refuses what PagerDuty documents as refused, keeps incidents by routing key and
// dedup_key as PagerDuty does, says whom it would have notified and how urgently, lets people
// act on incidents and tells of it by signed webhooks, takes change events, and can be told to fail.
// Tests and the demo send their pages to it.
package pagerduty
