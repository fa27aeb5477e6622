package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"burnline/alerting"
)

func ackCommand() *cobra.Command {
	c := ackClient{serverClient: serverClient{tree: "/api/v1/incidents"}}
	cmd := &cobra.Command{
		Use:   "ack INCIDENT",
		Short: "Say that you have an open incident, so that it is not told again",
		Long: `Asks a running server to take note that somebody has an open incident: it is not told again, and PagerDuty and Slack are
told who has it. It is found by the beginning of its key, by the ID or the name of its SLO, or by the name of an alert.
What stays open is still escalated.

Exit code: 0 when it is done, 1 when no open incident or several are found, 2 when the server can't be asked.`,
		Example: "  burnline ack 3f2a9c --by ada\n  burnline ack checkout/checkout-availability --by ada",
		Args:    oneArgument("burnline ack 3f2a9c --by ada"),
		RunE:    c.run,
	}
	c.register(cmd)
	actorFlag(cmd, &c.by, "who has it")
	return cmd
}

// ackClient asks a server.
type ackClient struct {
	serverClient
	by string
}

func (c *ackClient) run(cmd *cobra.Command, args []string) error {
	switch known, err := c.somebody(cmd, c.by); {
	case err != nil:
		return err
	case !known:
		return errors.New("say who has it: write --by with your name")
	}
	var found struct {
		Incidents []whyRecord `json:"incidents"`
	}
	query := url.Values{"find": {args[0]}, "open": {"true"}}
	if _, err := c.ask(cmd, http.MethodGet, "?"+query.Encode(), nil, &found); err != nil {
		return err
	}
	open := slices.DeleteFunc(found.Incidents, func(r whyRecord) bool { return !r.Closed.IsZero() })
	if len(open) != 1 {
		return c.unclear(cmd, args[0], open)
	}
	var taken whyRecord
	answer, err := c.send(cmd, http.MethodPost, "/"+url.PathEscape(open[0].Key)+"/acknowledge", map[string]string{"by": c.by}, &taken)
	return c.tell(cmd, answer, err, func() error { return c.confirm(cmd, &taken) })
}

// confirm says who has the incident.
func (c *ackClient) confirm(cmd *cobra.Command, taken *whyRecord) error {
	text := fmt.Sprintf("%s of %s (%s): ", taken.Severity, taken.SLO, short(taken.Key))
	if all := alerting.Holders(taken.Acknowledgements); len(all) > 0 {
		first, own := all[0], all[len(all)-1]
		if i := slices.IndexFunc(all, func(a alerting.Acknowledgement) bool { return a.By == strings.Join(strings.Fields(c.by), " ") }); i >= 0 {
			own = all[i]
		}
		c.actedAs(cmd, c.by, own.By)
		text += own.Title() + " " + own.Place() + " at " + moment(own.At)
		if own != first {
			text += "; " + cell(first.By) + " has had it since " + moment(first.At)
		}
		text += "."
	}
	return c.print(cmd, text+"\n")
}

// unclear says that none or several incidents are open, and which.
func (c *ackClient) unclear(cmd *cobra.Command, name string, open []whyRecord) error {
	if len(open) == 0 {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "no incident is open whose key begins with %q, nor one of an SLO or alert of that name\n", name)
		return &exitError{code: exitFindings}
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d incidents are open; write the beginning of the key of one:\n", len(open))
	for _, r := range open {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "  %s  %s of %s, opened %s\n", short(r.Key), r.Severity, r.SLO, moment(r.Opened))
	}
	return &exitError{code: exitFindings}
}
