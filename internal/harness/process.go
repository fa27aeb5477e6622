// Package harness runs Burnline for tests and benchmarks the way a user does:
// the real program as a child process, fed by the official SDK.
package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Process is a program that can be killed and started again.
type Process struct {
	// Command is the program and its arguments; Env is added to the environment.
	Command []string
	Env     []string
	// Ready is a URL that answers 200 once the program is ready.
	Ready string

	mu     sync.Mutex // of what follows: who kills the program may not be who starts it
	cmd    *exec.Cmd
	exited chan struct{}

	output lockedBuffer
}

// Start starts the program and returns without waiting for it to be ready.
func (p *Process) Start() error {
	//nolint:noctx // the process outlives any one call; Kill and Stop end it
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Command[0], err)
	}
	exited := make(chan struct{})
	p.mu.Lock()
	p.cmd, p.exited = cmd, exited
	p.mu.Unlock()
	go func() {
		_ = cmd.Wait() // the exit code is read from ProcessState
		close(exited)
	}()
	return nil
}

// newest returns the newest start of the program.
func (p *Process) newest() (cmd *exec.Cmd, exited chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd, p.exited
}

// WaitReady waits until the program is ready, or says how it ended instead.
func (p *Process) WaitReady(ctx context.Context) error {
	_, exited := p.newest()
	err := Poll(ctx, 20*time.Millisecond, func() (bool, error) {
		select {
		case <-exited:
			return false, fmt.Errorf("the program ended before it was ready:\n%s", p.Gist())
		default:
		}
		return answers(ctx, p.Ready), nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("not ready in time: %w\n%s", err, p.Gist())
	}
	return err
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// Kill ends the program as a crash would (SIGKILL) and waits until it is gone.
func (p *Process) Kill() {
	cmd, exited := p.newest()
	_ = cmd.Process.Kill()
	<-exited
}

// Started reports whether the program was ever started.
func (p *Process) Started() bool {
	_, exited := p.newest()
	return exited != nil
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error {
	cmd, _ := p.newest()
	return cmd.Process.Signal(s)
}

// Stop asks the program to end (SIGTERM) and returns its exit code; it is
// killed when ctx ends first.
func (p *Process) Stop(ctx context.Context) (int, error) {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return -1, fmt.Errorf("signal the program: %w", err)
	}
	return p.Wait(ctx)
}

// End asks the process to end, and ends it by force when it doesn't within half a minute.
func (p *Process) End() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := p.Stop(ctx)
	return err
}

// Wait waits for the program to end by itself and returns its exit code; it is
// killed when ctx ends first.
func (p *Process) Wait(ctx context.Context) (int, error) {
	cmd, exited := p.newest()
	select {
	case <-exited:
		return cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		p.Kill()
		return -1, fmt.Errorf("the program did not end: %w\n%s", ctx.Err(), p.Gist())
	}
}

// PID returns the id of the running process.
func (p *Process) PID() int {
	cmd, _ := p.newest()
	return cmd.Process.Pid
}

// Output returns what the program printed so far, over all its starts.
func (p *Process) Output() string { return p.output.String() }

// Poll calls done every interval until it is true, fails, or ctx ends.
func Poll(ctx context.Context, interval time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Ports that are given to programs lie below those that the system itself gives to connections and to
// listeners that ask for any, so that nobody is given one before its program listens.
const (
	firstPort, endPort = 15_000, 32_000
	mostTries          = 100
)

// FreeAddress returns a loopback address with a port that is free now, and that nobody else who asks is given while
// this process runs.
func FreeAddress(ctx context.Context) (string, error) {
	var errs []error
	for range mostTries {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(endPort-firstPort))
		if err := reserve(address); err != nil {
			errs = append(errs, err)
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err == nil {
			return address, l.Close()
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("find a free port: %w", errors.Join(errs...))
}

// reserve keeps an address from every other test, of whatever process, until this process ends: its program may
// not listen yet, or be down between a kill and a start. A name that the system forgets with the process says so.
func reserve(address string) error {
	held, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("reserve %s: %w", address, err)
	}
	if err := syscall.Bind(held, &syscall.SockaddrUnix{Name: "@burnline-test-" + address}); err != nil {
		return errors.Join(fmt.Errorf("reserve %s: %w", address, err), syscall.Close(held))
	}
	return nil // it stays open as long as the process runs
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
