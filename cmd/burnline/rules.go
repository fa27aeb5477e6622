package main

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"burnline/rules"
)

// rulesFlags are the flags of burnline rules.
type rulesFlags struct {
	format, out      string
	interval, scrape time.Duration
}

func rulesCommand() *cobra.Command {
	var f rulesFlags
	cmd := &cobra.Command{
		Use:   "rules FILE…",
		Short: "Write SLOs as Prometheus rules that need no Burnline to run",
		Long: `Reads SLO files, and folders of them, and writes recording and alerting rules for Prometheus, Mimir or the
Prometheus operator: the same objectives, windows and burn-rate policies. What rules can't do stands in
comments at their head; docs/rules.md explains it.

Exit code: 0 when all are written, 1 when an SLO is wrong or can't be written as rules, 2 when they can't be read.`,
		Example: "  burnline rules slos/ --out slo-rules.yaml\n  burnline rules slos/ --format prometheusrule | kubectl apply -f -",
		RunE:    func(cmd *cobra.Command, args []string) error { return writeRules(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.format, "format", string(rules.Prometheus), "prometheus, mimir or prometheusrule")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write into; standard output where it is empty")
	cmd.Flags().DurationVar(&f.interval, "interval", rules.DefaultInterval, "time between two evaluations of pages, at most 5m")
	cmd.Flags().DurationVar(&f.scrape, "scrape-interval", rules.DefaultScrape, "time between two samples of what the SLOs count")
	return cmd
}

func writeRules(cmd *cobra.Command, f rulesFlags, paths []string) error {
	if len(paths) == 0 {
		return errors.New("name the files to write as rules: burnline rules slos/")
	}
	defs, err := loadSLOs(cmd, paths)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	left, err := rules.Write(&text, defs, rules.Options{
		Form: rules.Form(f.format), Interval: f.interval, Scrape: f.scrape,
	})
	if err != nil {
		return err
	}
	if err := writeOut(cmd, f.out, text.Bytes()); err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	for _, id := range left {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s is left out: rules can't express it\n", id)
	}
	if len(left) > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}
