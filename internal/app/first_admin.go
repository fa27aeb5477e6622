package app

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"burnline/internal/auth"
)

// firstAdminAgain is how often a first admin that could not be made is tried again.
const firstAdminAgain = 2 * time.Second

// letFirstAdminIn makes the admin of server.auth.first_admin where there is none. It runs beside everything else, since
// who pages must not wait for who signs in: what keeps it from that, such as PostgreSQL that is away or a file that is not there
// yet, is logged, and it is tried again.
func (p *parts) letFirstAdminIn(ctx context.Context) error {
	first := p.set.Load().Config.Server.Auth.FirstAdmin
	tick := time.NewTicker(firstAdminAgain)
	defer tick.Stop()
	for again := first != nil; again; {
		err := p.makeFirstAdmin(ctx, *first)
		if again = err != nil && ctx.Err() == nil; !again {
			break
		}
		p.log("access").Error("the first admin could not be made", "name", first.called(), "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	<-ctx.Done()
	return nil
}

// makeFirstAdmin makes the admin unless there is one, and notes it in the log and the audit log.
func (p *parts) makeFirstAdmin(ctx context.Context, first FirstAdminConfig) error {
	made, err := p.access.FirstAdmin(ctx, first.called(), func() (string, error) {
		text, err := os.ReadFile(first.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("read server.auth.first_admin.password_file: %w", err)
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	})
	if err != nil || !made {
		return err
	}
	p.log("access").Info("there was no local admin; the first one may sign in", "name", first.called())
	entry := auth.Entry{Who: "configuration", Act: "let a user in", Object: first.called(), Detail: string(auth.Admin) + ", by server.auth.first_admin", Outcome: auth.Done}
	if err := p.access.Record(ctx, entry); err != nil {
		p.log("access").Error("the first admin is not in the audit log", "name", first.called(), "error", err)
	}
	return nil
}
