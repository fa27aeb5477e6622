package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/web"
)

func drillCommand() *cobra.Command {
	c := serverClient{tree: "/-/drill"}
	var receiver string
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "Let a synthetic SLI fail, page, and recover, and print how long each step took",
		Long: `Sends samples of a failing SLI to a running server, through the collector, the metric store, the engine, the router and
the outbox to a receiver, then lets it recover. Every text begins with DRILL. No real SLO, budget or report counts it, and its SLO
is gone afterwards; its incident stays in the list, and its few samples stay until the metric store's retention.

Exit code: 0, 1 when a step does not come, which is named with what to check, 2 when the server can't be asked.`,
		Example: "  burnline drill\n  burnline drill --receiver oncall",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDrill(cmd, &c, "drill", url.Values{"receiver": {receiver}}, longestDrill)
		},
	}
	c.register(cmd)
	cmd.PersistentFlags().Lookup("output").Usage = "text for people, or json for programs, a line a step"
	cmd.Flags().StringVar(&receiver, "receiver", "", "receiver that gets the page (default: where routes lead it)")
	return cmd
}

// longestDrill is more than all steps of a drill may take together.
const longestDrill = 10 * time.Minute

// runDrill has the server run a drill or the like, and prints its steps.
func runDrill(cmd *cobra.Command, c *serverClient, what string, query url.Values, most time.Duration) error {
	if output := c.output; output != "text" && output != "json" {
		return fmt.Errorf("-o %s: write text or json", output)
	}
	req, err := c.request(cmd, http.MethodPost, c.tree+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := c.do(cmd, req, most)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		return errors.Join(err, refused(cmd, resp.Status, answer))
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s; is it of an older version", resp.Status)
	}
	return printDrill(cmd, resp.Body, c.output, what)
}

// printDrill prints the steps as they come.
func printDrill(cmd *cobra.Command, body io.Reader, output, what string) error {
	var before time.Duration
	for lines := json.NewDecoder(body); ; {
		var l web.DrillLine
		if err := lines.Decode(&l); err != nil {
			return fmt.Errorf("the server's answer broke off: %w", err)
		}
		var err error
		switch {
		case output == "json":
			err = json.NewEncoder(cmd.OutOrStdout()).Encode(l)
		case l.Step != nil:
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(fmt.Sprintf("%-26s +%-9s %-9s %s", l.Step.Name, shortly(max(0, l.Step.After-before)), shortly(l.Step.After), cell(l.Step.Note)), " "))
			before = l.Step.After
		case l.Done && l.Error == "":
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the "+what+" passed")
		}
		switch {
		case err != nil:
			return err
		case l.Done && l.Error != "":
			return &exitError{exitFindings, errors.New("the " + what + " failed: " + l.Error)}
		case l.Done:
			return nil
		}
	}
}

// shortly writes a duration of a step.
func shortly(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
