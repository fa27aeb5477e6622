// Package promapi holds no code: its tests run the Prometheus API of
// web/promapi over the embedded store of storage/metrics/local, which may not
// import each other, with the clients and servers of others.
package promapi
