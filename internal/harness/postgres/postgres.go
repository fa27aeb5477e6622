// Package postgres runs Debian's PostgreSQL for tests: one server for a test
// package, a database of its own for each test.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"burnline/internal/harness/patience"
	"github.com/jackc/pgx/v5"
)

// Server is a running PostgreSQL that listens on a socket in a temporary folder.
type Server struct {
	dir, bin string
	cmd      *exec.Cmd
	// exited is closed when the server has ended, after failure was set.
	exited    chan struct{}
	failure   error
	databases atomic.Int64
}

// superuser is the role that initdb creates.
const superuser = "postgres"

// Start creates a cluster in a temporary folder and starts it. PostgreSQL
// refuses to run as root, so root starts it as the user postgres. Nothing is
// fsynced: a test's data need not survive the machine.
func Start(ctx context.Context) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.dir, err = os.MkdirTemp("", "pg-"); err != nil {
		return nil, err
	}
	attributes, err := s.owner()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", superuser, "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = attributes, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(s.dir))
	}
	if err := s.run(ctx, attributes); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

// Run starts a server that ends with the test.
func Run(t testing.TB) *Server {
	t.Helper()
	s, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run starts the server on its cluster and waits until it answers.
func (s *Server) run(ctx context.Context, attributes *syscall.SysProcAttr) error {
	// The server outlives ctx, which bounds its start; Stop ends it.
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=16MB")
	s.cmd.SysProcAttr, s.cmd.Dir = attributes, s.dir
	output, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }() // the server has its own handle
	s.cmd.Stdout, s.cmd.Stderr = output, output
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		s.failure = cmd.Wait()
		close(exited)
	}(s.cmd, s.exited)
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, s.end())
	}
	return nil
}

// Halt stops the server at once, as pg_ctl stop -m immediate does: connections are cut, and
// what was committed is there again after Resume.
func (s *Server) Halt() error {
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("halt postgres: %w", err)
	}
	<-s.exited
	return nil
}

// Resume starts the server again after Halt.
func (s *Server) Resume(ctx context.Context) error {
	attributes, err := s.owner()
	if err != nil {
		return err
	}
	return s.run(ctx, attributes)
}

// Freeze keeps the server from answering anything, with its connections open, until Thaw.
func (s *Server) Freeze() error { return s.signalAll(syscall.SIGSTOP) }

// Thaw lets the server go on after Freeze.
func (s *Server) Thaw() error { return s.signalAll(syscall.SIGCONT) }

// signalAll signals the server and all its processes.
func (s *Server) signalAll(signal syscall.Signal) error {
	pid := s.cmd.Process.Pid
	if err := syscall.Kill(pid, signal); err != nil { // first, so that it starts no more of them
		return err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return err
	}
	for _, field := range strings.Fields(string(children)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			return err
		}
		if err := syscall.Kill(child, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// binaries finds the newest installed PostgreSQL.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		path, err := exec.LookPath("initdb")
		if err != nil {
			return "", errors.New("PostgreSQL is not installed: apt-get install postgresql")
		}
		found = []string{path}
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// owner gives the folder to the user that runs the server, and says how to
// start it: as that user, and never to outlive the tests.
func (s *Server) owner() (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attributes, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(s.dir, uid, gid)
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience.Limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.DSN(superuser))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres does not answer: %w: %s", err, log)
		case <-s.exited:
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres ended at once: %w: %s", s.failure, log)
		case <-tick.C:
		}
	}
}

// DSN is the address of a database of the server.
func (s *Server) DSN(database string) string {
	q := url.Values{"host": {s.dir}, "user": {superuser}}
	return "postgres:///" + database + "?" + q.Encode()
}

// Database creates a database for the test, dropped at its end, and returns its
// address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	s.exec(t, "CREATE DATABASE "+name)
	return s.named(t, name)
}

// Copy returns the address of a copy of a database that nobody is connected to, for the test alone.
func (s *Server) Copy(t testing.TB, dsn string) string {
	t.Helper()
	from, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatalf("read the address of a test's postgres: %v", err)
	}
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	s.exec(t, "CREATE DATABASE "+name+" TEMPLATE "+from.Database)
	return s.named(t, name)
}

// named has a database end with the test.
func (s *Server) named(t testing.TB, name string) string {
	t.Cleanup(func() { s.exec(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.DSN(name)
}

// exec runs one statement as the superuser.
func (s *Server) exec(t testing.TB, statement string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, s.DSN(superuser))
	if err != nil {
		t.Fatalf("connect to the test's postgres: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }() // what was executed is done
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Stop ends the server and removes its data.
func (s *Server) Stop() error { return errors.Join(s.end(), os.RemoveAll(s.dir)) }

// end ends the server.
func (s *Server) end() error {
	// SIGINT is PostgreSQL's fast shutdown.
	err := s.cmd.Process.Signal(syscall.SIGINT)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		err = errors.Join(err, s.cmd.Process.Kill())
		<-s.exited
	}
	return err
}
