package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func readyCommand() *cobra.Command {
	c := readyClient{serverClient: serverClient{tree: "/-/ready"}}
	cmd := &cobra.Command{
		Use:   "ready",
		Short: "Ask a running server whether it counts and pages",
		Long: `Asks a running server whether everything is started and works: it takes in telemetry, counts and pages. For scripts that go
on when it does. With --started it asks only whether the start is over, which holds also while samples are refused for a full
disk: for the health check of a container, since a restart makes no room.

Exit code: 0 when it is ready, 1 when it isn't yet, 2 when the server can't be asked.`,
		Example: "  burnline ready --wait 5m && burnline test",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.started {
				c.tree = "/-/started"
			}
			return c.run(cmd)
		},
	}
	c.registerServer(cmd)
	cmd.Flags().BoolVar(&c.started, "started", false, "ask only whether it has started, and so pages: a full disk does not matter")
	cmd.Flags().DurationVar(&c.wait, "wait", 0, "ask again until it is ready, for this long at most")
	return cmd
}

// readyClient asks a server whether it is ready.
type readyClient struct {
	serverClient
	wait time.Duration
	// started asks only whether the start is over.
	started bool
}

const (
	// readyEvery is the pause between two questions.
	readyEvery = 250 * time.Millisecond
	// readyTimeout is how long a server has to answer; it reads no storage for it.
	readyTimeout = 5 * time.Second
)

func (c *readyClient) run(cmd *cobra.Command) error {
	if c.wait < 0 {
		return errors.New("--wait: write a duration such as 5m")
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), c.wait)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		said, ready, err := c.look(cmd)
		if ready {
			return c.print(cmd, said+"\n")
		}
		select {
		case <-ctx.Done():
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), said)
			return &exitError{code: exitFindings}
		case <-tick.C:
		}
	}
}

// look asks once, and returns what the server says.
func (c *readyClient) look(cmd *cobra.Command) (said string, ready bool, _ error) {
	req, err := c.request(cmd, http.MethodGet, c.tree, nil)
	if err != nil {
		return "", false, err
	}
	resp, err := c.do(cmd, req, readyTimeout)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return "", false, fmt.Errorf("read the server's answer: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusServiceUnavailable:
		return strings.TrimSpace(string(body)), resp.StatusCode == http.StatusOK, nil
	}
	return "", false, fmt.Errorf("%s doesn't answer as a burnline server does: %s", c.server, resp.Status)
}
