package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Standby creates a copy of the server and starts it as its hot standby, with a replication slot that is named after it.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	standby := &Server{bin: s.bin}
	var err error
	if standby.dir, err = os.MkdirTemp("", "pg-"); err != nil {
		return nil, err
	}
	attributes, err := standby.owner()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(standby.dir))
	}
	copied := exec.CommandContext(ctx, filepath.Join(s.bin, "pg_basebackup"), "-D", filepath.Join(standby.dir, "data"), "-h", s.dir, "-U", superuser,
		"--write-recovery-conf", "--create-slot", "--slot=standby", "--checkpoint=fast", "--no-sync")
	copied.SysProcAttr, copied.Dir = attributes, standby.dir
	if out, err := copied.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("pg_basebackup: %w: %s", err, out), os.RemoveAll(standby.dir))
	}
	if err := standby.run(ctx, attributes); err != nil {
		return nil, errors.Join(err, os.RemoveAll(standby.dir))
	}
	return standby, nil
}
