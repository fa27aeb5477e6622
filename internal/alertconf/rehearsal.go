package alertconf

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/wneessen/go-mail"
)

// Rehearsal takes what senders would send. Messages are made as they always are, but for
// the secrets in files, which need not be there.
type Rehearsal struct {
	// Transport is given every request, and Mail every mail.
	Transport http.RoundTripper
	Mail      func(*mail.Msg)
	// Dir is a folder for what stands in the place of secrets.
	Dir string
}

// mailbox takes mails; nil sends them.
func (o senderOptions) mailbox() func(*mail.Msg) {
	if o.rehearsal == nil {
		return nil
	}
	return o.rehearsal.Mail
}

// rehearse lets the configuration of an integration read stand-ins for its secrets, and
// reach nobody.
func (s spec[C, P]) rehearse(c *C, r *Rehearsal) error {
	path := filepath.Join(r.Dir, s.name)
	if err := os.WriteFile(path, []byte(cmp.Or(s.secret, "https://secret.invalid/")), 0o600); err != nil {
		return fmt.Errorf("write a stand-in for a secret: %w", err)
	}
	for _, file := range P(c).Files() {
		if *file != "" {
			*file = path
		}
	}
	if s.http != nil {
		*s.http(c) = nil
	}
	return nil
}
