package app

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"

	"burnline/internal/auth"
	"burnline/internal/datadir"
	"burnline/slo"
	"burnline/storage/state"
)

// AccessFolder is who gets in, as a server that does not run has it in its state.
type AccessFolder struct {
	*auth.Keeper
	// By is what is written of who changes it.
	By   string
	down teardown
	// Made is the data folder in which a state was made, since there was none; else "".
	Made string
}

// OpenAccess opens the state of a server that does not run, by its configuration; an empty path is
// burnline.yaml in this folder, if there is one. A folder without a state is refused, but for the
// first user, where the configuration or data names it. Close it after use.
func OpenAccess(ctx context.Context, configPath, data string, first bool) (_ *AccessFolder, err error) {
	if configPath == "" && exists("burnline.yaml") {
		configPath = "burnline.yaml"
	}
	c, findings, err := loadConfig(configPath, Override{Data: data})
	if err != nil {
		return nil, err
	}
	// What is wrong elsewhere keeps nobody from being let in.
	var wrong slo.Findings
	for _, f := range findings.Errors() {
		if f.Path == "state.dsn" || f.Path == "data" || f.Path == "server.auth.mode" {
			wrong = append(wrong, f)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	f := &AccessFolder{By: "command line"}
	if c.State.DSN == "" && !exists(filepath.Join(c.Data, state.FileName)) {
		if f.Made, err = filepath.Abs(c.Data); err != nil {
			return nil, fmt.Errorf("find the data folder %s: %w", c.Data, err)
		}
		if err := mayMake(f.Made, first, configPath != "" || data != ""); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if c.State.DSN == "" { // PostgreSQL is shared anyway
		lock, err := datadir.Take(c.Data)
		if err != nil {
			return nil, err
		}
		f.down.add("lock of the data folder", lock.Release)
	}
	store, err := state.Open(ctx, state.Options{DSN: c.State.DSN.Reveal(), Dir: c.Data, Program: Version()})
	if err != nil {
		return nil, err
	}
	f.down.add("state", store.Close)
	if u, err := user.Current(); err == nil {
		f.By += " of " + u.Username
	}
	f.Keeper, err = c.Server.Auth.keeper(store)
	return f, err
}

// mayMake refuses to make a state that no server would read.
func mayMake(folder string, first, named bool) error {
	switch {
	case !first:
		return fmt.Errorf("the data folder %s has no state of a server yet: name the server's by --data DIR or --config FILE; before the first start, run burnline users add NAME --role admin first", folder)
	case !named:
		return fmt.Errorf("the data folder %s has no state of a server yet, and nothing says that a server will use it: name it by --data DIR or --config FILE", folder)
	}
	return nil
}

// Close gives the state back.
func (f *AccessFolder) Close() error { return f.down.run() }

// Note writes what was changed into the audit log.
func (f *AccessFolder) Note(ctx context.Context, act, object, detail string) error {
	return f.Record(ctx, auth.Entry{Who: f.By, Act: act, Object: object, Detail: detail, Outcome: auth.Done})
}
