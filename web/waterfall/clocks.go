package waterfall

import (
	"cmp"
	"slices"
	"time"
)

// worthTelling is the least difference of clocks that people are told of.
const worthTelling = time.Millisecond

// setClocks moves the server's end of a call, with all under it, into the middle of the
// client's end where it sticks out although it is shorter: then the clocks of the two differ,
// since nothing is answered before it was asked. Nothing else can be known, so nothing else is
// moved.
func (t *Trace) setClocks() {
	skews := map[[2]string]*Skew{}
	t.each(func(i int) {
		n := &t.Nodes[i]
		if n.Caller == none {
			return
		}
		caller := &t.Nodes[n.Caller]
		// What the caller was moved by, all that it called is too.
		by := int64(caller.Moved)
		n.Start, n.End = n.Start+by, n.End+by
		if own := apart(caller, n); own != 0 {
			n.Start, n.End, by = n.Start+own, n.End+own, by+own
			note(skews, caller.Service, n.Service, time.Duration(own))
		}
		n.Moved = time.Duration(by)
	})
	for _, s := range skews {
		if s.By >= worthTelling || s.By <= -worthTelling {
			t.Skews = append(t.Skews, *s)
		}
	}
	slices.SortFunc(t.Skews, func(a, b Skew) int {
		return cmp.Or(cmp.Compare(b.By.Abs(), a.By.Abs()), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Caller, b.Caller))
	})
}

// apart is by how much the server's end of a call has to be moved.
func apart(client, server *Node) int64 {
	if client.Kind != "client" || server.Kind != "server" || server.Took() > client.Took() {
		return 0
	}
	if server.Start >= client.Start && server.End <= client.End {
		return 0
	}
	return client.Start + (client.End-client.Start-(server.End-server.Start))/2 - server.Start
}

func note(skews map[[2]string]*Skew, caller, service string, by time.Duration) {
	key := [2]string{caller, service}
	s := skews[key]
	if s == nil {
		s = &Skew{Caller: caller, Service: service}
		skews[key] = s
	}
	s.Spans++
	if by.Abs() > s.By.Abs() {
		s.By = by
	}
}
