// Package shadow compares what an old Alertmanager told people with what Burnline told, or
// would have told in shadow mode: it reads the old one's webhooks, and says by day what both,
// only the old one and only Burnline sent, how far apart, and why.
package shadow
