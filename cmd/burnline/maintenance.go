package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"burnline/alerting"
	"burnline/alerting/maintenance"
)

func maintenanceCommand() *cobra.Command {
	c := maintenanceClient{serverClient{tree: "/api/v1/maintenance"}}
	cmd := &cobra.Command{
		Use:   "maintenance",
		Short: "Announce planned work: its time does not count, nobody is woken, customers can read of it",
		Long: `Starts, stops and lists maintenances of a running server. Each is a correction, a silence and an entry of the
status page, and is all of them or none. docs/maintenance.md has the rest.

Exit code: 0 when it is done, 1 when the server refuses the maintenance, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.startCommand(), c.stopCommand(), c.listCommand())
	return ofItsCommands(cmd)
}

// maintenanceClient asks a server.
type maintenanceClient struct{ serverClient }

// listedMaintenance is a maintenance as the server lists it.
type listedMaintenance struct {
	alerting.Maintenance
	State     alerting.MaintenanceState `json:"state"`
	Concerned int                       `json:"concerned_slos"`
}

func (c *maintenanceClient) startCommand() *cobra.Command {
	var in maintenance.Input
	var lasts durationFlag
	cmd := &cobra.Command{
		Use:   "start TITLE",
		Short: "Start a maintenance, now or later; customers read its title",
		Args:  oneArgument("burnline maintenance start 'A new database' --service checkout --for 2h --reason CHG-1 --by ada"),
		Example: "  burnline maintenance start 'A new database' --service checkout --for 2h --reason 'PostgreSQL 17, CHG-4711' --by ada\n" +
			"  burnline maintenance start 'Payments move' --journey buy --from \"$(date -d tomorrow +%F) 02:00\" --for 2h \\\n" +
			"    --timezone Europe/Berlin --reason CHG-4712 --by ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Title = args[0]
			if lasts != 0 {
				in.For = lasts.String()
			}
			if in.For == "" && in.To == "" {
				return errors.New("say when it ends: write one of --to and --for")
			}
			var started listedMaintenance
			body, err := c.send(cmd, http.MethodPost, "", in, &started)
			c.actedAs(cmd, in.By, started.By)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, started.confirmation()) })
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&in.Services, "service", nil, "services that it concerns; * stands for any text without a slash; may be repeated")
	f.StringArrayVar(&in.Journeys, "journey", nil, "journeys that it concerns; may be repeated")
	f.StringArrayVar(&in.SLOs, "slo", nil, "SLOs that it concerns, by ID; may be repeated")
	f.StringArrayVar(&in.Teams, "team", nil, "teams that it concerns; may be repeated")
	f.StringVar(&in.From, "from", "", "when it begins, as YYYY-MM-DDThh:mm:ssZ or, by the clock of --timezone, 'YYYY-MM-DD hh:mm'; default now")
	f.StringVar(&in.To, "to", "", "when it ends")
	f.Var(&lasts, "for", "how long it lasts, instead of --to, such as 2h")
	f.StringVar(&in.Zone, "timezone", "", "time zone of --from and --to, such as Europe/Berlin; default UTC")
	f.StringVar(&in.Reason, "reason", "", "why, for the team; customers don't read it (required)")
	actorFlag(cmd, &in.By, "who answers for it")
	f.BoolVar(&in.Confirmed, "force", false, "start it although it keeps more of the SLOs or open incidents quiet than may go unconfirmed, or names what no SLO has")
	return cmd
}

func (c *maintenanceClient) stopCommand() *cobra.Command {
	var in struct {
		By string `json:"by"`
	}
	cmd := &cobra.Command{
		Use:   "stop ID",
		Short: "Stop a maintenance now, or cancel one that has not begun",
		Args:  oneArgument("burnline maintenance stop ID --by ada; burnline maintenance list shows the IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var stopped listedMaintenance
			body, err := c.send(cmd, http.MethodPost, "/"+url.PathEscape(args[0])+"/stop", in, &stopped)
			c.actedAs(cmd, in.By, stopped.StoppedBy)
			return c.tell(cmd, body, err, func() error {
				if stopped.State == alerting.MaintenanceCancelled {
					return c.print(cmd, args[0]+" is cancelled before it began.\n")
				}
				return c.print(cmd, args[0]+" is over; what happens from now on counts again and is told.\n")
			})
		},
	}
	actorFlag(cmd, &in.By, "who stops it")
	return cmd
}

func (c *maintenanceClient) listCommand() *cobra.Command {
	var over bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the maintenances that run or are planned",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var answer struct {
				Maintenances []listedMaintenance `json:"maintenances"`
			}
			body, err := c.ask(cmd, http.MethodGet, fmt.Sprintf("?over=%t", over), nil, &answer)
			return c.tell(cmd, body, err, func() error { return writeMaintenances(cmd.OutOrStdout(), answer.Maintenances) })
		},
	}
	cmd.Flags().BoolVar(&over, "over", false, "list those that ended within 90 days as well")
	return cmd
}

// confirmation says what was started. One that concerns nothing is mostly a slip of the pen, which
// nobody would notice before the alerts come.
func (l *listedMaintenance) confirmation() string {
	text := fmt.Sprintf("%s is in force for %d SLOs: %s.\n", l.ID, l.Concerned, l.when())
	switch l.Concerned {
	case 0:
		return fmt.Sprintf("%s is in force, but concerns none of the SLOs that there are: %s. If that is a slip, stop it and start another one.\n", l.ID, l.when())
	case 1:
		text = fmt.Sprintf("%s is in force for 1 SLO: %s.\n", l.ID, l.when())
	}
	return text + "Its time does not count, and nobody is woken. To end it early: burnline maintenance stop " + l.ID + " --by NAME\n"
}

// when says when the maintenance lasts.
func (l *listedMaintenance) when() string {
	const moment = "2006-01-02 15:04 MST"
	from, to := l.From.UTC().Format(moment), l.To.UTC().Format(moment)
	switch {
	case l.State == alerting.MaintenancePlanned:
		return "from " + from + " to " + to
	case l.State == alerting.MaintenanceRunning:
		return "now, until " + to
	case l.State == alerting.MaintenanceCancelled:
		return "cancelled by " + cell(l.StoppedBy)
	case l.StoppedBy != "":
		return "from " + from + " to " + to + ", stopped by " + cell(l.StoppedBy)
	}
	return "over, from " + from + " to " + to
}

// whom names what the maintenance concerns, as it was written.
func (l *listedMaintenance) whom() string {
	return strings.Join(slices.Concat(l.Services, l.Journeys, l.SLOs, l.Teams), ", ")
}

func writeMaintenances(w io.Writer, all []listedMaintenance) error {
	if len(all) == 0 {
		_, err := io.WriteString(w, "There are no maintenances.\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tSTATE\tTITLE\tCONCERNS\tSLOS\tWHEN\tREASON\tBY") // Flush tells what went wrong
	for _, l := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", l.ID, l.State, cell(l.Title), cell(l.whom()), l.Concerned, l.when(), cell(l.Reason), cell(l.By))
	}
	return table.Flush()
}
