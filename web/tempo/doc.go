// Package tempo answers the part of Grafana Tempo's HTTP API that Grafana's Tempo data source
// uses: traces by id, search by tags and by TraceQL, names and values of tags. It is written
// from the data source's side of the protocol and shares no code with Tempo.
package tempo
