package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"burnline/slo"
	"burnline/slo/corrections"
)

func correctionsCommand() *cobra.Command {
	c := correctionsClient{serverClient{tree: "/api/v1/corrections"}}
	cmd := &cobra.Command{
		Use:   "corrections",
		Short: "Take time out of error budgets: maintenance and exclusions",
		Long: `Lists, enters and removes corrections of a running server. Events in corrected time count in no window and no
budget, also in the past; maintenance holds alerts back as well. docs/corrections.md has the rest.

Exit code: 0 when it is done, 1 when the server refuses the correction, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.listCommand(), c.addCommand(), c.removeCommand())
	return ofItsCommands(cmd)
}

// correctionsClient asks a server.
type correctionsClient struct{ serverClient }

// listedCorrection is a correction as the server lists it.
type listedCorrection struct {
	slo.Correction
	Active    bool          `json:"active"`
	Next      *slo.Interval `json:"next"`
	Concerned int           `json:"concerned_slos"`
}

func (c *correctionsClient) listCommand() *cobra.Command {
	var removed bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the corrections in force",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var answer struct {
				Corrections []listedCorrection `json:"corrections"`
				Removed     []listedCorrection `json:"removed"`
			}
			body, err := c.ask(cmd, http.MethodGet, fmt.Sprintf("?removed=%t", removed), nil, &answer)
			return c.tell(cmd, body, err, func() error {
				return writeCorrections(cmd.OutOrStdout(), append(answer.Corrections, answer.Removed...))
			})
		},
	}
	cmd.Flags().BoolVar(&removed, "removed", false, "list those that were removed as well")
	return cmd
}

func (c *correctionsClient) addCommand() *cobra.Command {
	var in corrections.Input
	var kind string
	var lasts durationFlag
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Enter a correction",
		Args:  cobra.NoArgs,
		Example: "  burnline corrections add --service checkout --for 1h --reason 'new database' --by ada\n" +
			"  burnline corrections add --kind exclusion --slo 'checkout/*' --from \"$(date -d yesterday +%F) 02:00\" --for 2h \\\n" +
			"    --reason 'the provider was away' --by ada\n" +
			"  burnline corrections add --team payments --from \"$(date -d 'next sunday' +%F) 02:00\" --for 2h --rrule 'FREQ=WEEKLY;BYDAY=SU' \\\n" +
			"    --timezone Europe/Berlin --reason 'weekly patching' --by ada",
		RunE: func(cmd *cobra.Command, _ []string) error {
			in.Kind = slo.CorrectionKind(kind)
			if err := complete(&in, time.Duration(lasts), time.Now()); err != nil {
				return err
			}
			var added listedCorrection
			body, err := c.send(cmd, http.MethodPost, "", in, &added)
			c.actedAs(cmd, in.Author, added.Author)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, added.confirmation()) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.ID, "id", "", "its ID; given by the server where it is left out")
	f.StringVar(&kind, "kind", string(slo.Maintenance), "maintenance, or exclusion, which holds no alerts back")
	f.StringArrayVar(&in.SLOs, "slo", nil, "SLOs that it concerns, by ID; * stands for any text without a slash; may be repeated")
	f.StringArrayVar(&in.Services, "service", nil, "services that it concerns; may be repeated")
	f.StringArrayVar(&in.Teams, "team", nil, "teams that it concerns; may be repeated")
	f.StringArrayVar(&in.Journeys, "journey", nil, "journeys that it concerns; may be repeated")
	f.StringVar(&in.From, "from", "", "when it begins, as YYYY-MM-DDThh:mm:ssZ or, by the clock of --timezone, 'YYYY-MM-DD hh:mm'; default now")
	f.StringVar(&in.To, "to", "", "when it ends")
	f.Var(&lasts, "for", "how long it lasts, instead of --to, such as 1h")
	f.StringVar(&in.Rule, "rrule", "", "how it recurs (RFC 5545), such as FREQ=WEEKLY;BYDAY=SU; --from and --to bound the first interval")
	f.StringVar(&in.Zone, "timezone", "", "time zone of --from, --to and --rrule, such as Europe/Berlin; default UTC")
	f.StringVar(&in.Reason, "reason", "", "why (required)")
	authorFlag(cmd, &in.Author, "who answers for it")
	return cmd
}

func (c *correctionsClient) removeCommand() *cobra.Command {
	var author string
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a correction; that it was, and who removed it, is kept",
		Args:  oneArgument("burnline corrections remove ID --by ada; burnline corrections list shows the IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var gone struct {
				By string `json:"by"`
			}
			body, err := c.ask(cmd, http.MethodDelete, "/"+url.PathEscape(args[0])+"?author="+url.QueryEscape(author), nil, &gone)
			c.actedAs(cmd, author, gone.By)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, args[0]+" is removed; its events count again.\n") })
		},
	}
	authorFlag(cmd, &author, "who removes it")
	return cmd
}

// complete fills in when the correction begins and ends.
func complete(in *corrections.Input, lasts time.Duration, now time.Time) error {
	if in.From == "" {
		in.From = now.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	switch {
	case (in.To == "") == (lasts == 0):
		return errors.New("say when it ends: write one of --to and --for")
	case lasts == 0:
		return nil
	}
	from, err := corrections.Moment(in.From, in.Zone)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	in.To = from.Add(lasts).Format(time.RFC3339)
	return nil
}

// confirmation says what was entered. One that concerns nothing is mostly a slip of the
// pen, which nobody would notice before the alerts come.
func (l *listedCorrection) confirmation() string {
	switch l.Concerned {
	case 0:
		return fmt.Sprintf("%s is in force, but concerns none of the SLOs that there are: %s, %s. If that is a slip, remove it and enter another one.\n", l.ID, l.Kind, l.when())
	case 1:
		return fmt.Sprintf("%s is in force: %s of 1 SLO, %s.\n", l.ID, l.Kind, l.when())
	}
	return fmt.Sprintf("%s is in force: %s of %d SLOs, %s.\n", l.ID, l.Kind, l.Concerned, l.when())
}

// when says when the correction takes time out.
func (l *listedCorrection) when() string {
	const moment = "2006-01-02 15:04 MST"
	switch {
	case !l.Removed.IsZero():
		return fmt.Sprintf("removed by %s on %s", l.RemovedBy, l.Removed.UTC().Format(moment))
	case l.Active:
		return "now, until " + l.Next.To.Format(moment)
	case l.Next != nil:
		return "from " + l.Next.From.Format(moment) + " to " + l.Next.To.Format(moment)
	}
	return "past, from " + l.From.Format(moment) + " to " + l.To.Format(moment)
}

func writeCorrections(w io.Writer, all []listedCorrection) error {
	if len(all) == 0 {
		_, err := io.WriteString(w, "There are no corrections.\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tKIND\tSLOS\tWHEN\tRECURS\tREASON\tAUTHOR") // Flush tells what went wrong
	for _, l := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", l.ID, l.Kind, l.Concerned, l.when(), l.Rule, cell(l.Reason), cell(l.Author))
	}
	return table.Flush()
}
