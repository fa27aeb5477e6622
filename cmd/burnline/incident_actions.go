package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/alerting/reviews"
)

// actionFlags are what is to be done with actions; without any they are listed.
type actionFlags struct{ add, owner, due, done, reopen string }

func (c *incidentClient) actionsCommand() *cobra.Command {
	var f actionFlags
	cmd := &cobra.Command{
		Use:   "actions [INCIDENT]",
		Short: "List what is to be done, of all incidents or one; add an action, or say that it is done",
		Args:  cobra.MaximumNArgs(1),
		Example: "  burnline incident actions\n" +
			"  burnline incident actions 3f2a9c --add 'time out after 2 s' --owner ben --due 2026-12-01 --by ada\n" +
			"  burnline incident actions 3f2a9c --done 280252e6c333 --by ben",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if f != (actionFlags{}) {
					return errors.New("name the incident: burnline incident actions 3f2a9c --add …")
				}
				return c.openActions(cmd)
			}
			path, err := c.find(cmd, args[0])
			if err != nil {
				return err
			}
			return c.changeActions(cmd, path, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.add, "add", "", "what is to be done")
	flags.StringVar(&f.owner, "owner", "", "who does it")
	flags.StringVar(&f.due, "due", "", "the last day on which it is in time, such as 2026-12-01")
	flags.StringVar(&f.done, "done", "", "the ID of an action that is done")
	flags.StringVar(&f.reopen, "reopen", "", "the ID of an action that is open again")
	cmd.MarkFlagsMutuallyExclusive("add", "done", "reopen")
	c.asked(cmd)
	return cmd
}

// changeActions changes the actions of an incident as the flags say, or lists them.
func (c *incidentClient) changeActions(cmd *cobra.Command, path string, f actionFlags) error {
	var kept reviews.Action
	var body string
	var err error
	switch id := f.done + f.reopen; {
	case f.add != "":
		body, err = c.post(cmd, path+"/actions", reviews.ActionInput{By: c.by, Text: f.add, Owner: f.owner, Due: f.due}, &kept)
	case id != "":
		body, err = c.post(cmd, path+"/actions/"+url.PathEscape(id), reviews.DoneInput{By: c.by, Done: f.done != ""}, &kept)
	default:
		var r reviewed
		body, err = c.ask(cmd, http.MethodGet, path+"/review", nil, &r)
		return c.tell(cmd, body, err, func() error { return c.print(cmd, orNone(actionLines(r.Actions, time.Now()))) })
	}
	acted := kept.By
	if f.done != "" {
		acted = kept.DoneBy
	}
	if f.reopen == "" { // of one that is open again nobody's name is kept
		c.actedAs(cmd, c.by, acted)
	}
	return c.tell(cmd, body, err, func() error { return c.print(cmd, actionLines([]reviews.Action{kept}, time.Now())) })
}

// openActions lists what is open of all incidents.
func (c *incidentClient) openActions(cmd *cobra.Command) error {
	var all struct {
		Actions []reviews.Action `json:"actions"`
	}
	body, err := c.ask(cmd, http.MethodGet, "/actions", nil, &all)
	return c.tell(cmd, body, err, func() error { return c.print(cmd, orNone(actionLines(all.Actions, time.Now()))) })
}

// actionLines writes actions, one a line.
func actionLines(all []reviews.Action, now time.Time) string {
	var b strings.Builder
	for _, a := range all {
		_, _ = fmt.Fprintf(&b, "%s  %-7s  %s  %s  %s  (%s)\n", a.ID, a.Standing(now), a.Due, cell(a.Owner), cell(a.Text), short(a.Incident))
	}
	return b.String()
}

func orNone(lines string) string {
	if lines == "" {
		return "There are no actions.\n"
	}
	return lines
}
