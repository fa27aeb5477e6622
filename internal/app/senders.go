package app

import (
	"sync/atomic"

	"burnline/alerting"
	"burnline/internal/alertconf"
)

// senders are the integrations in force, by receiver and integration. A reload
// replaces them as a whole.
type senders struct {
	current atomic.Pointer[map[alertconf.Target]alerting.Sender]
}

// lookup returns the sender of one integration; false when the configuration
// does not have it.
func (s *senders) lookup(receiver, integration string) (alerting.Sender, bool) {
	m := s.current.Load()
	if m == nil {
		return nil, false
	}
	sender, ok := (*m)[alertconf.Target{Receiver: receiver, Integration: integration}]
	return sender, ok
}
