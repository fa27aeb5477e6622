// Package alerting is the domain of paging: it turns transitions of incidents
// into messages in plain words and into rows of the outbox, and drives each row
// to its end. It holds no SQL and speaks no receiver's protocol: the store is
// implemented by storage/state, senders by one package each, such as
// alerting/pagerduty.
package alerting
