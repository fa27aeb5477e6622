package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
)

func tracesCommand() *cobra.Command {
	c := tracesClient{serverClient{tree: "/api/v1/traces"}}
	cmd := &cobra.Command{
		Use:   "traces",
		Short: "Delete the kept traces of a customer",
		Long: `Works on the kept traces of a running server. docs/traces.md says how they are searched and read, docs/privacy.md
what is kept of customers.

Exit code: 0 when it is done, 1 when the server refuses it, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.forgetCommand())
	return ofItsCommands(cmd)
}

// tracesClient asks a server.
type tracesClient struct{ serverClient }

func (c *tracesClient) forgetCommand() *cobra.Command {
	var customer string
	cmd := &cobra.Command{
		Use:   "forget --customer ID",
		Short: "Delete every kept trace of a customer",
		Long: `Deletes every kept trace in which the customer appears in impact.customer or in one of traces.hash. The customer is
named by the id as services send it, or by the hash that Burnline shows in its place. It may be asked as often as
you like; traces that arrive later are kept again.`,
		Example: "  burnline traces forget --customer 4711\n  burnline traces forget --customer hmac:6664a42048c6d6d7fe3657e39b14155c",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if customer == "" {
				return errors.New("say whose traces: burnline traces forget --customer ID")
			}
			var answer struct{ Traces int }
			text, err := c.send(cmd, http.MethodPost, "/forget", map[string]string{"customer": customer}, &answer)
			return c.tell(cmd, text, err, func() error {
				switch answer.Traces {
				case 0:
					return c.print(cmd, "No kept trace names this customer.\n")
				case 1:
					return c.print(cmd, "1 trace is deleted.\n")
				}
				return c.print(cmd, fmt.Sprintf("%d traces are deleted.\n", answer.Traces))
			})
		},
	}
	cmd.Flags().StringVar(&customer, "customer", "", "the customer's id, or its hash")
	return cmd
}
