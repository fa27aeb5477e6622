package app

import (
	"cmp"
	"slices"

	"burnline/internal/auth"
	"burnline/web"
)

// unadmitted says who was not let in to send, by way and reason.
func unadmitted(l look) (all []web.Diagnosed) {
	words := map[auth.Why][2]string{
		auth.NoCredentials:   {"showed neither a token nor a client certificate", "give the sender a token: burnline tokens create NAME --scope ingest"},
		auth.NotKnown:        {"showed a token that is unknown, expired or revoked, or a certificate that has expired", "burnline tokens list says which have ended; give the sender another"},
		auth.NotForFeeding:   {"showed a token for something else", "give the sender one with the scope ingest: burnline tokens create NAME --scope ingest"},
		auth.TooManyWrong:    {"showed a wrong token and came from an address that had brought too many", "find there who sends with an old token; right ones are still taken"},
		auth.NotToBeFoundOut: {"could not be told apart, for the store of tokens did not answer", "look at the state database; senders try again"},
	}
	for _, m := range l.families["burnline_ingest_refused_requests_total"].GetMetric() {
		labels := map[string]string{}
		for _, pair := range m.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		if n := value(m); n > 0 {
			said := words[auth.Why(labels["reason"])]
			all = append(all, web.Diagnosed{
				Topic: "refused", Level: web.DiagnosisWarning, Subject: labels["way"], Message: several(n, "request") + " " + said[0], Remedy: said[1],
			})
		}
	}
	slices.SortFunc(all, func(a, b web.Diagnosed) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Message, b.Message))
	})
	return all
}

// turnedAway says whom the gate turned away, and which file of tokens can't be read.
func (x *examination) turnedAway() {
	if l, ok := x.parts.vitals.latest(); ok {
		x.found = append(x.found, unadmitted(l)...)
	}
	for _, file := range x.parts.gate.TokenFiles() {
		if file.Err != nil {
			x.unread = append(x.unread, file.Path)
			x.add("refused", web.DiagnosisProblem, "tokens of "+file.Name, "write one token a line into the file; until then those that it had are taken", "the file can't be read again: %v", file.Err)
		}
	}
}
