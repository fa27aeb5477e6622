// Package routetest runs users' tests of who is told of what: a file names a
// configuration, a virtual day with what happens on it, and what has to come of that. The router,
// its store, the deliverer and the senders are those of the server; only the clock is not
// real, and what is sent is kept here instead of leaving.
package routetest
