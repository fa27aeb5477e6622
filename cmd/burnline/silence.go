package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

func silenceCommand() *cobra.Command {
	c := silenceClient{serverClient{tree: "/api/v1/silences"}}
	cmd := &cobra.Command{
		Use:   "silence",
		Short: "Keep messages back for a time: preview, add, list and expire silences",
		Long: `Asks a running server what a silence would keep quiet, and enters, lists and ends silences. A silence holds
messages back, never watching, and never the end of what was told; what is still open when it ends is told then.
A matcher is such as service=checkout, alertname=~"Disk.+" or severity!=page; all of a silence have to match.
docs/silences.md has the rest.

Exit code: 0 when it is done, 1 when the server refuses the silence, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.addCommand(), c.previewCommand(), c.listCommand(), c.expireCommand())
	return ofItsCommands(cmd)
}

// silenceClient asks a server.
type silenceClient struct{ serverClient }

// listedSilence is a silence as the server lists it.
type listedSilence struct {
	ID            string                `json:"id"`
	State         alerting.SilenceState `json:"state"`
	Matchers      []string              `json:"matchers"`
	StartsAt      time.Time             `json:"starts_at"`
	EndsAt        time.Time             `json:"ends_at"`
	Author        string                `json:"author"`
	Reason        string                `json:"reason"`
	UntilResolved bool                  `json:"until_resolved"`
	Ceiling       float64               `json:"ceiling"`
	ExpiredBy     string                `json:"expired_by"`
}

func (c *silenceClient) addCommand() *cobra.Command {
	var in silences.Input
	var lasts durationFlag
	var ceiling float64
	cmd := &cobra.Command{
		Use:   "add MATCHER…",
		Short: "Enter a silence, or change one with --id",
		Args:  someMatchers("burnline silence add service=checkout --for 2h"),
		Example: "  burnline silence add service=checkout --for 2h --reason 'new database' --by ada\n" +
			"  burnline silence add alertname=DiskFull 'host=~\"db.+\"' --for 3d --until-resolved --reason 'disks are ordered' --by ada\n" +
			"  burnline silence add slo=search/latency severity=ticket --for 1h --ceiling 0 --reason 'load test' --by ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Matchers = args
			if lasts != 0 {
				in.For = lasts.String()
			}
			if cmd.Flags().Changed("ceiling") {
				in.Ceiling = &ceiling
			}
			if in.For == "" && in.EndsAt == "" {
				return errors.New("say when it ends: write one of --until and --for")
			}
			var added listedSilence
			body, err := c.send(cmd, http.MethodPost, "", in, &added)
			c.actedAs(cmd, in.Author, added.Author)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, added.confirmation()) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.ID, "id", "", "the silence to change; with other matchers it ends and another one begins")
	f.StringVar(&in.StartsAt, "from", "", "when it begins, as YYYY-MM-DDThh:mm:ssZ; default now")
	f.StringVar(&in.EndsAt, "until", "", "when it ends, as YYYY-MM-DDThh:mm:ssZ")
	f.Var(&lasts, "for", "how long it lasts, instead of --until, such as 2h")
	f.StringVar(&in.Reason, "reason", "", "why (required)")
	authorFlag(cmd, &in.Author, "who answers for it")
	f.BoolVar(&in.UntilResolved, "until-resolved", false, "end it early, once nothing that it matched is open any more")
	f.Float64Var(&ceiling, "ceiling", 0, "burn rate above which an SLO's page is told all the same; 0 is none (default 100 or alerting.silences.burn_ceiling, or twice the highest burn of now where that is more)")
	f.BoolVar(&in.Confirmed, "force", false, "enter it although it mutes more of the SLOs or open incidents than may go unconfirmed")
	return cmd
}

func (c *silenceClient) previewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "preview MATCHER…",
		Short: "Say what a silence would keep quiet now, and would have in the last week",
		Args:  someMatchers("burnline silence preview service=checkout"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var p silences.Preview
			body, err := c.send(cmd, http.MethodPost, "/preview", silences.Input{Matchers: args}, &p)
			return c.tell(cmd, body, err, func() error { return writePreview(cmd.OutOrStdout(), &p) })
		},
	}
}

func (c *silenceClient) listCommand() *cobra.Command {
	var expired bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the silences that are active or to come",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var answer struct {
				Silences []listedSilence `json:"silences"`
			}
			body, err := c.ask(cmd, http.MethodGet, fmt.Sprintf("?expired=%t", expired), nil, &answer)
			return c.tell(cmd, body, err, func() error { return writeSilences(cmd.OutOrStdout(), answer.Silences) })
		},
	}
	cmd.Flags().BoolVar(&expired, "expired", false, "list those that ended within 30 days as well")
	return cmd
}

func (c *silenceClient) expireCommand() *cobra.Command {
	var author string
	cmd := &cobra.Command{
		Use:   "expire ID",
		Short: "End a silence now; what is still open is told then",
		Args:  oneArgument("burnline silence expire ID --by ada; burnline silence list shows the IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ended listedSilence
			body, err := c.ask(cmd, http.MethodDelete, "/"+url.PathEscape(args[0])+"?author="+url.QueryEscape(author), nil, &ended)
			c.actedAs(cmd, author, ended.ExpiredBy)
			return c.tell(cmd, body, err, func() error {
				return c.print(cmd, args[0]+" is over; what it kept quiet and is still open is told now.\n")
			})
		},
	}
	authorFlag(cmd, &author, "who ends it")
	return cmd
}

// confirmation says what was entered.
func (l *listedSilence) confirmation() string {
	text := fmt.Sprintf("%s is in force: %s", l.ID, l.when())
	if l.UntilResolved {
		text += ", or until nothing that it matched is open any more"
	}
	if l.Ceiling > 0 {
		text += fmt.Sprintf("; a page of an SLO that burns faster than %s is told all the same", number(l.Ceiling))
	}
	return text + ".\n"
}

// when says when the silence holds.
func (l *listedSilence) when() string {
	const moment = "2006-01-02 15:04 MST"
	switch l.State {
	case alerting.SilenceActive:
		return "now, until " + l.EndsAt.UTC().Format(moment)
	case alerting.SilencePending:
		return "from " + l.StartsAt.UTC().Format(moment) + " to " + l.EndsAt.UTC().Format(moment)
	}
	if l.ExpiredBy != "" {
		return "ended " + l.EndsAt.UTC().Format(moment) + " by " + cell(l.ExpiredBy)
	}
	return "ended " + l.EndsAt.UTC().Format(moment)
}

// number writes a burn rate.
func number(rate float64) string { return fmt.Sprintf("%.4g", rate) }

// groupsText names groups of an SLO.
func groupsText(all []slo.Labels) string {
	text := ""
	for i, g := range all {
		if i == 3 && len(all) > 4 {
			return text + fmt.Sprintf(" and %d more", len(all)-i)
		}
		text += " " + g.String()
	}
	return text
}
