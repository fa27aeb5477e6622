package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"burnline/slo/report"
)

// reportFlags are what burnline report is asked for.
type reportFlags struct {
	period, format, team, file string
	revision                   int
}

func reportCommand() *cobra.Command {
	c := serverClient{tree: "/api/v1/reports", output: "text"}
	var in reportFlags
	cmd := &cobra.Command{
		Use:   "report",
		Short: "How promises were kept in a month, quarter, week or year",
		Long: `Asks a running server how promises were kept, as a page, as PDF, as a table or as JSON; without --format in a few
sentences. docs/reports.md says how every figure is computed.

Exit code: 0 when it is written, 1 when the server has no such report, 2 when the server can't be asked.`,
		Example: "  burnline report --period 2026-10 --format pdf -o october.pdf\n  burnline report --team payments",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return writeReport(cmd, &c, in) },
	}
	c.registerServer(cmd)
	f := cmd.Flags()
	f.StringVar(&in.period, "period", "now", "2026-10, 2026-Q4, 2026-W43, 2026, or now for the month that runs")
	f.StringVar(&in.format, "format", "text", "text, html, pdf, csv or json")
	f.StringVar(&in.team, "team", "", "only the SLOs of this team and of those below it")
	f.IntVar(&in.revision, "revision", 0, "a closed revision instead of the newest")
	f.StringVarP(&in.file, "output", "o", "", "file to write to (default: standard output)")
	return cmd
}

// writeReport asks for the report and writes it.
func writeReport(cmd *cobra.Command, c *serverClient, in reportFlags) error {
	if !slices.Contains([]string{"text", "html", "pdf", "csv", "json"}, in.format) {
		return fmt.Errorf("--format %s: write text, html, pdf, csv or json", in.format)
	}
	if strings.TrimSpace(in.period) == "" {
		return errors.New("--period is empty: write a month as 2026-10, a quarter as 2026-Q4, a week as 2026-W43, a year as 2026, or now")
	}
	if in.revision < 0 {
		return errors.New("--revision: revisions count from 1")
	}
	path := "/" + url.PathEscape(in.period)
	if in.format != "text" && in.format != "json" {
		path += "/" + in.format
	}
	q := url.Values{}
	if in.team != "" {
		q.Set("team", in.team)
	}
	if in.revision > 0 {
		q.Set("revision", fmt.Sprint(in.revision))
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	var r report.Report
	var into any
	if in.format == "text" {
		into = &r
	}
	body, err := c.ask(cmd, http.MethodGet, path, nil, into)
	if err != nil {
		return err
	}
	if into != nil {
		body = reportText(&r)
	}
	if in.file == "" {
		return c.print(cmd, body)
	}
	if err := os.WriteFile(in.file, []byte(body), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// reportText is a report in a few sentences and its figures.
func reportText(r *report.Report) string {
	var b strings.Builder
	for _, s := range r.Sentences {
		b.WriteString(cell(s) + "\n")
	}
	b.WriteString("\n")
	for _, f := range r.Figures() {
		fmt.Fprintf(&b, "%-28s %-16s raw %-16s before %s\n", f.Name, f.Corrected, f.Raw, f.Before)
	}
	for _, d := range r.Differences {
		b.WriteString("\n" + cell(d.Words))
	}
	if len(r.Differences) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
