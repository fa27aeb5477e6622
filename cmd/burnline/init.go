package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/propose"
	"burnline/slo"
)

// initFlags are the flags of burnline init.
type initFlags struct {
	from, out, tokenFile, output string
	team, runbook                string
	services                     []string
	dryRun                       bool
	// back is how far the past is looked at, at most.
	back    durationFlag
	timeout time.Duration
}

// fourWeeks is how far init looks back: every weekday counts the same.
const fourWeeks = durationFlag(28 * 24 * time.Hour)

func initCommand() *cobra.Command {
	f := initFlags{back: fourWeeks}
	cmd := &cobra.Command{
		Use:   "init [--from URL] [--out slos/]",
		Short: "Propose SLO files from the metrics and spans that arrive",
		Long: `Looks at the metrics of a Prometheus-compatible server, or of a running Burnline also at its spans, and proposes SLOs
for each service: availability and latency with an objective that its past kept with room to spare. The files
say why, and every one of them passes burnline check. A file that is there stays as it is, and what an SLO is about
already, in --out or on the server, is not proposed again. What is missing for good SLOs is listed.

Exit code: 0 when something was proposed or nothing had to be, 1 when nothing can be proposed, 2 when it can't run.`,
		Example: "  burnline init\n  burnline init --from http://prometheus.example.com:9090 --team payments --dry-run\n" +
			"  burnline init --from https://burnline.example.com --token-file token --service checkout --out slos/",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInit(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", presetServer(), "address of a Burnline or of a Prometheus-compatible API, or a data folder"+serverDefault)
	flags.Lookup("from").DefValue = "" // the description says it
	flags.StringVar(&f.out, "out", "slos", "folder for the files")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the files instead of writing them")
	flags.StringArrayVar(&f.services, "service", nil, "propose for this service alone; may be given several times")
	flags.StringVar(&f.team, "team", "", "who looks after the services (default: named like the service)")
	flags.StringVar(&f.runbook, "runbook", "", "address of the runbooks; may hold {service} and {slo} (default: the SLO's own page)")
	flags.Var(&f.back, "history", "how far to look back at most")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "how long it may take")
	flags.StringVar(&f.tokenFile, "token-file", "", "file that holds the token to sign in with (default: the variable "+tokenVariable+")")
	flags.StringVarP(&f.output, "output", "o", "text", "text for people, or json for programs")
	return cmd
}

// proposed is what init found, as -o json prints it.
type proposed struct {
	// Files are those that were written, or would be.
	Files []proposedFile `json:"files"`
	// Covered are the SLOs that speak of something that was found already.
	Covered []string      `json:"covered"`
	Missing []propose.Gap `json:"missing"`
	// Services counts those of which something was found.
	Services int `json:"services"`
	// Data is what burnline check --data takes to compare with the same source.
	Data string `json:"data"`
}

// proposedFile is a file with its SLOs.
type proposedFile struct {
	File    string        `json:"file"`
	Service string        `json:"service"`
	SLOs    []proposedSLO `json:"slos"`
	Text    string        `json:"text"`
}

// proposedSLO says of an SLO what it promises and why.
type proposedSLO struct {
	ID        string  `json:"id"`
	Objective float64 `json:"objective"`
	// Threshold is that of latency.
	Threshold string `json:"threshold,omitempty"`
	Reason    string `json:"reason"`
}

func runInit(cmd *cobra.Command, f *initFlags) error {
	if f.output != "text" && f.output != "json" {
		return fmt.Errorf("-o %s: write text or json", f.output)
	}
	if f.back < durationFlag(time.Hour) {
		return fmt.Errorf("--history %s: write at least 1h", &f.back)
	}
	if f.runbook != "" && !strings.HasPrefix(f.runbook, "https://") && !strings.HasPrefix(f.runbook, "http://") {
		return fmt.Errorf("--runbook %s: write an address such as https://runbooks.example.com/{service}", f.runbook)
	}
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), f.timeout, fmt.Errorf("it took longer than --timeout %s; name single services by --service, or look back less by --history 1d", f.timeout))
	defer cancel()
	result, err := f.propose(ctx, cmd)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w (%w)", cause, err)
		}
		return err
	}
	if !f.dryRun {
		if err := writeProposed(result.Files); err != nil {
			return err
		}
	}
	if f.output == "json" {
		err = writeJSON(cmd.OutOrStdout(), result)
	} else {
		err = f.say(cmd.OutOrStdout(), result)
	}
	if err == nil && len(result.Files) == 0 && len(result.Covered) == 0 {
		return &exitError{code: exitFindings}
	}
	return err
}

// propose looks at the source and decides.
func (f *initFlags) propose(ctx context.Context, cmd *cobra.Command) (proposed, error) {
	from, err := f.open(ctx, cmd)
	if err != nil {
		return proposed{}, err
	}
	defer func() { _ = from.data.Close() }() // it was read only
	known, err := knownIn(f.out)
	if err != nil {
		return proposed{}, err
	}
	rows, gaps, err := from.rows(ctx)
	if err != nil {
		return proposed{}, err
	}
	candidates, more, covered := propose.Candidates(rows, propose.Source{Spans: from.burnline, Known: append(known, from.known...), Services: f.services})
	gaps = append(gaps, more...)
	terms := propose.Terms{Team: f.team, Runbook: f.runbook, Given: f.runbook != ""}
	if terms.Runbook == "" {
		terms.Runbook = from.page + "/slo/{slo}"
	}
	var all []propose.Proposal
	for i := range candidates {
		c := &candidates[i]
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "looking at the past of %s (%d of %d)\n", c.ID(), i+1, len(candidates))
		figures, gap, err := from.past(ctx, c, time.Duration(f.back))
		if err != nil {
			return proposed{}, err
		}
		var p *propose.Proposal
		if gap == nil {
			p, gap = propose.Decide(c, figures, terms)
		}
		if gap != nil {
			gaps = append(gaps, *gap)
			continue
		}
		all = append(all, *p)
	}
	result := proposed{Files: []proposedFile{}, Covered: append([]string{}, covered...), Services: propose.Services(rows, f.services), Data: from.asked}
	if result.Files, err = files(f.out, all); err != nil {
		return proposed{}, err
	}
	result.Missing = append(append([]propose.Gap{}, gaps...), f.missing(from, len(all))...)
	return result, nil
}

// missing is what every proposal lacks.
func (f *initFlags) missing(from *source, n int) []propose.Gap {
	var gaps []propose.Gap
	if n > 0 && f.team == "" {
		gaps = append(gaps, propose.Gap{Message: "no team: pages say who looks after a service", Instead: "write team: in the files, or run init with --team"})
	}
	if n > 0 && f.runbook == "" {
		gaps = append(gaps, propose.Gap{Message: "no runbook: pages link to the SLO's own page instead", Instead: "write annotations: {runbook: …} in the files, or run init with --runbook"})
	}
	if n > 0 {
		gaps = append(gaps, propose.Gap{Message: "no journey: pages can't say what customers were doing", Instead: "write journey: in the files, such as journey: buy"})
	}
	if from.burnline && from.receivers == 0 {
		gaps = append(gaps, propose.Gap{Message: "no receiver: a page would reach nobody", Instead: "write alerting: {receivers: …} in burnline.yaml; burnline doctor says whether it works"})
	}
	return gaps
}

// say prints it for people.
func (f *initFlags) say(out io.Writer, p proposed) error {
	var b strings.Builder
	for _, file := range p.Files {
		if f.dryRun {
			fmt.Fprintf(&b, "# %s\n%s\n", file.File, file.Text)
			continue
		}
		fmt.Fprintf(&b, "%s\n", file.File)
		for _, s := range file.SLOs {
			what := fmt.Sprintf("%g %%", s.Objective)
			if s.Threshold != "" {
				what += " within " + s.Threshold
			}
			fmt.Fprintf(&b, "  %s: %s\n      %s\n", s.ID, what, s.Reason)
		}
	}
	lead := ""
	if f.dryRun {
		lead = "# " // the whole output is YAML
	}
	n := 0
	for _, file := range p.Files {
		n += len(file.SLOs)
	}
	fmt.Fprintf(&b, "%s%s found, %s proposed", lead, count(p.Services, "service"), count(n, "SLO"))
	if len(p.Covered) > 0 {
		fmt.Fprintf(&b, ", %s there already: %s", count(len(p.Covered), "SLO"), strings.Join(p.Covered, ", "))
	}
	b.WriteString("\n")
	if len(p.Missing) > 0 {
		fmt.Fprintf(&b, "%smissing:\n", lead)
		for _, g := range p.Missing {
			fmt.Fprintf(&b, "%s  %s\n", lead, g)
		}
	}
	if len(p.Files) > 0 && !f.dryRun {
		fmt.Fprintf(&b, "next: read the files, then burnline check --data %s %s\n", p.Data, f.out)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// knownIn are the SLOs of a folder that may not be there yet.
func knownIn(folder string) ([]propose.Known, error) {
	defs, err := loadIfThere(folder)
	if err != nil {
		return nil, err
	}
	var known []propose.Known
	for i := range defs {
		known = append(known, propose.KnownOf(&defs[i]))
	}
	return known, nil
}

// thresholdOf is how long something may take; "" where the SLO is about something else.
func thresholdOf(d *slo.Definition) string {
	switch {
	case d.SLI.Latency != nil:
		return slo.FormatDuration(d.SLI.Latency.Threshold)
	case d.SLI.Spans != nil:
		bound, _ := strings.CutPrefix(d.SLI.Spans.Bad, "duration > ")
		if bound != d.SLI.Spans.Bad {
			return bound
		}
	}
	return ""
}
