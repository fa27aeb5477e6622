package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/slo"
	"burnline/slo/explain"
	"burnline/slo/explain/csvfile"
)

func explainCommand() *cobra.Command {
	c := explainClient{serverClient: serverClient{tree: "/api/v1/slos/"}}
	cmd := &cobra.Command{
		Use:   "explain [FILE]",
		Short: "Tell which combination of attributes explains the failures",
		Long: `Tells where events fail: which combinations of up to three attributes, such as region=eu with route=/pay, hold more
failures than chance allows, one cause after another, or that the failures are everywhere.

It reads comma-separated values from a file, or from standard input with -: a header, and in each line either one event
with a column failed (true or false), or a set of events with columns bad and total. What failed before the trouble may
be told by columns baseline_bad and baseline_total, or by lines of their own with a column before (true or false): what
always failed as much is no cause then. All other columns are compared.

With --slo it asks a running server for an SLO whose events are counted by labelled metrics: those of its open incident
or of the last hour, unless --from says since when. docs/explain.md has the rest.

Exit code: 0 when it is told, 1 when it can't be told from these events or the file is refused, 2 when it can't run.`,
		Example: "  burnline explain events.csv\n  kubectl logs shop | to-csv | burnline explain - --failed error --ignore time,trace_id\n" +
			"  burnline explain --slo checkout/availability\n  burnline explain --slo checkout/availability --from \"$(date -u -d '-2 hours' +%FT%TZ)\"",
		Args: cobra.MaximumNArgs(1),
		RunE: c.run,
	}
	c.register(cmd)
	f := cmd.Flags()
	f.StringVar(&c.slo, "slo", "", "ID of an SLO of the server, instead of a file")
	f.StringVar(&c.from, "from", "", "since when its events fail, as YYYY-MM-DDThh:mm:ssZ")
	f.StringVar(&c.to, "to", "", "until when; default now")
	f.StringArrayVar(&c.groups, "group", nil, "label=value of the SLO's group, for each of its labels; default those of the incident")
	f.StringVar(&c.columns.Failed, "failed", "", "column that says whether a single event failed (default failed)")
	f.StringVar(&c.columns.Bad, "bad", "", "column that counts bad events (default bad)")
	f.StringVar(&c.columns.Total, "total", "", "column that counts all events (default total)")
	f.StringVar(&c.columns.BaselineBad, "baseline-bad", "", "column that counts bad events of before (default baseline_bad)")
	f.StringVar(&c.columns.BaselineTotal, "baseline-total", "", "column that counts all events of before (default baseline_total)")
	f.StringVar(&c.columns.Before, "before", "", "column that says whether the events of a line are of before (default before)")
	f.StringSliceVar(&c.columns.Attributes, "attributes", nil, "columns that are compared; of two that say the same the first is named (default all, as they stand)")
	f.StringSliceVar(&c.columns.Ignore, "ignore", nil, "columns that are not compared, such as a time")
	f.IntVar(&c.options.Depth, "depth", 3, "the most attributes of one cause, 1 to 3")
	f.IntVar(&c.options.Causes, "causes", 5, "the most causes")
	return cmd
}

// explainClient reads a file, or asks a server.
type explainClient struct {
	serverClient

	slo, from, to string
	groups        []string
	columns       csvfile.Columns
	options       explain.Options
}

func (c *explainClient) run(cmd *cobra.Command, args []string) error {
	switch {
	case c.output != "text" && c.output != "json":
		return errors.New("-o " + c.output + ": write text or json")
	case c.options.Depth < 1 || c.options.Depth > 3 || c.options.Causes < 1:
		return errors.New("--depth is 1, 2 or 3, and --causes at least 1")
	case c.slo != "" && len(args) > 0:
		return errors.New("a file and --slo are two questions: write one of them")
	case c.slo != "":
		return c.live(cmd)
	case len(args) == 0 || args[0] == "":
		return errors.New("say what to explain: burnline explain events.csv, burnline explain - or burnline explain --slo checkout/availability")
	case c.from != "" || c.to != "" || len(c.groups) > 0:
		return errors.New("--from, --to and --group are for --slo; leave them out with a file")
	}
	table, err := c.table(cmd, args[0])
	if err != nil {
		return exitFor(cmd, err)
	}
	where := explain.Find(table, c.options)
	return c.tell(cmd, explained{explain.Answer{Found: explain.NewFound(&where)}})
}

func (c *explainClient) table(cmd *cobra.Command, name string) (explain.Table, error) {
	if name == "-" {
		return csvfile.Read(cmd.InOrStdin(), "standard input", c.columns)
	}
	f, err := os.Open(name)
	if err != nil {
		return explain.Table{}, err
	}
	defer func() { _ = f.Close() }() // it was read
	return csvfile.Read(f, name, c.columns)
}

// live asks the server of an SLO.
func (c *explainClient) live(cmd *cobra.Command) error {
	for _, name := range []string{"failed", "bad", "total", "baseline-bad", "baseline-total", "before", "attributes", "ignore", "depth", "causes"} {
		if cmd.Flags().Changed(name) {
			return errors.New("--" + name + " is for a file; leave it out with --slo")
		}
	}
	query := url.Values{}
	for name, value := range map[string]string{"from": c.from, "to": c.to} {
		if value == "" {
			continue
		}
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return errors.New("--" + name + " " + value + ": write a time such as 2026-03-01T14:00:00Z")
		}
		query.Set(name, value)
	}
	for _, pair := range c.groups {
		if name, _, ok := strings.Cut(pair, "="); !ok || name == "" {
			return errors.New("--group " + pair + ": write label=value, such as region=eu")
		}
		query.Add("group", pair)
	}
	path := "/explain"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var answer explained
	if _, err := c.ask(cmd, http.MethodGet, escapedID(c.slo)+path, nil, &answer); err != nil {
		return err
	}
	return c.tell(cmd, answer)
}

// tell prints the answer; what can't be told exits with 1.
func (c *explainClient) tell(cmd *cobra.Command, answer explained) error {
	text, err := answer.text(c.output)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(cmd.OutOrStdout(), text); err != nil {
		return err
	}
	if answer.Verdict == explain.VerdictUnknown {
		return &exitError{code: exitFindings}
	}
	return nil
}

// asLabels returns the labels of a map.
func asLabels(m map[string]string) slo.Labels {
	var pairs []string
	for name, value := range m {
		pairs = append(pairs, name, value)
	}
	return slo.NewLabels(pairs...)
}
