package app

import (
	"fmt"
	"sync/atomic"

	"burnline/alerting"
)

// senders are the integrations in force, by receiver and integration. A reload
// replaces them as a whole.
type senders struct {
	current atomic.Pointer[map[string]alerting.Sender]
}

func senderKey(receiver, integration string) string { return receiver + "\x00" + integration }

// lookup returns the sender of one integration; false when the configuration
// does not have it.
func (s *senders) lookup(receiver, integration string) (alerting.Sender, bool) {
	m := s.current.Load()
	if m == nil {
		return nil, false
	}
	sender, ok := (*m)[senderKey(receiver, integration)]
	return sender, ok
}

// integrationName names the i-th integration of a kind within its receiver.
// Rows of the outbox keep it, so it must not change.
func integrationName(kind string, i int) string { return fmt.Sprintf("%s/%d", kind, i) }
