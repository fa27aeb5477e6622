package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec"
)

// checkFlags are the flags of burnline check.
type checkFlags struct {
	config, output, data string
	// tokenFile holds the token to ask the server of data with, and token is what is brought; "" for none.
	tokenFile, token string
	// back is how far back SLOs are lived through again; 0 for not at all.
	back durationFlag
}

// monthBack is how far back check lives through the data unless told otherwise.
const monthBack = durationFlag(30 * 24 * time.Hour)

// durationFlag is a duration as files write it, such as 30d.
type durationFlag time.Duration

// String implements pflag.Value.
func (d *durationFlag) String() string { return slo.FormatDuration(time.Duration(*d)) }

// Type implements pflag.Value.
func (*durationFlag) Type() string { return "duration" }

// Set implements pflag.Value.
func (d *durationFlag) Set(text string) error {
	parsed, err := yamlconf.ParseDuration(text)
	*d = durationFlag(parsed)
	return err
}

func checkCommand() *cobra.Command {
	f := checkFlags{back: monthBack}
	cmd := &cobra.Command{
		Use:   "check [FILE|DIR…]",
		Short: "Say what is wrong with SLO files and configuration, all at once",
		Long: `Reads SLO files, and folders of them, and prints everything that is wrong with file and line and with what to
write instead: what can't be read, and what can't work as it is meant, such as a policy that never fires.
A FILE may be a configuration too, burnline.yaml or one of Alertmanager's; with burnline.yaml, or --config, the SLOs that
it names are checked where no others are given.
With --data it compares the SLOs with stored samples: matchers that match nothing, totals that are no counters,
thresholds between two buckets; and it says who would have been paged had the SLOs been live.

Exit code: 0 when nothing has to be mended (warnings allowed), 1 when something has, 2 when the files can't be read.`,
		Example: "  burnline check slos/\n  burnline check burnline.yaml\n  burnline check alertmanager.yml\n  burnline check -o sarif slos/ > findings.sarif\n" +
			"  burnline check --data http://127.0.0.1:9900/prometheus slos/\n  burnline check --data ./data --history 7d slos/",
		RunE: func(cmd *cobra.Command, args []string) error {
			write, known := outputs()[f.output]
			if !known {
				return fmt.Errorf("-o %s: write text, json or sarif", f.output)
			}
			var err error
			if f.token, err = f.dataToken(cmd); err != nil {
				return err
			}
			result, err := check(cmd.Context(), args, f, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := write(cmd.OutOrStdout(), result); err != nil {
				return err
			}
			if len(result.Findings.Errors()) > 0 {
				return &exitError{code: exitFindings}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file to check as well")
	cmd.Flags().StringVar(&f.data, "data", "", "address of a Prometheus-compatible API, or data folder, to compare with")
	registerToken(cmd, &f.tokenFile)
	cmd.PersistentFlags().Lookup("token-file").Usage = "with --data, file that holds the token to sign in with (default: of a Burnline's …/prometheus, the variable " + tokenVariable + ")"
	cmd.Flags().Var(&f.back, "history", "with --data, how far back to live through; 0s for not at all")
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text for people, json for programs, or sarif for code review")
	return cmd
}

// checked is what check found, as -o json prints it.
type checked struct {
	// SLOs are the IDs of those without errors.
	SLOs     []string     `json:"slos"`
	Findings slo.Findings `json:"findings"`
	// Lived is what would have happened with the data; nil without it.
	Lived []lived `json:"history,omitempty"`
	// configs is how many configurations were checked, receivers and routes what they say of who is told, and
	// searched is true where SLOs were looked for.
	configs, receivers, routes int
	searched                   bool
}

// manySLOs is how many SLOs take long enough to live through again that people
// wonder.
const manySLOs = 20

// check reads the files and gathers everything that is wrong. progress is told of
// what takes long.
func check(ctx context.Context, paths []string, f checkFlags, progress io.Writer) (checked, error) {
	if len(paths) == 0 && f.config == "" {
		return checked{}, errors.New("name the files to check: burnline check slos/")
	}
	result := checked{SLOs: []string{}, Findings: slo.Findings{}}
	paths, backend, err := result.configurations(paths, f.config)
	if err != nil {
		return checked{}, err
	}
	result.searched = len(paths) > 0
	set, findings, err := spec.Load(paths)
	if err != nil {
		return checked{}, err
	}
	if len(set.Definitions) == 0 && len(findings) == 0 && len(paths) > 0 {
		findings = append(findings, slo.Finding{
			Source: slo.Source{File: paths[0]}, Level: slo.LevelWarning,
			Message: "no SLO is there", Instead: "name the folder of the SLOs; their files end in .yaml or .yml",
		})
	}
	advice := slo.Lint(set.Definitions, set.Teams)
	if f.data != "" {
		data, err := openData(f.data, f.token, backend)
		if err != nil {
			return checked{}, err
		}
		if n := len(set.Definitions); n > manySLOs && f.back > 0 {
			_, _ = fmt.Fprintf(progress, "living through %s for %d SLOs, which takes a while; --history 0s leaves it out\n", &f.back, n)
		}
		more, err := result.compare(ctx, set, data, time.Duration(f.back))
		if err := errors.Join(err, data.Close()); err != nil {
			return checked{}, err
		}
		advice = append(advice, more...)
	}
	result.SLOs = append(result.SLOs, sound(set.Definitions, advice)...)
	result.Findings = append(append(result.Findings, findings...), spec.Locate(advice)...)
	slices.SortStableFunc(result.Findings, func(a, b slo.Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return result, nil
}

// sound returns the IDs of the definitions that no error is about.
func sound(defs []slo.Definition, advice slo.Findings) []string {
	wrong := map[slo.Source]bool{}
	for _, f := range advice.Errors() {
		wrong[f.Source] = true
	}
	var ids []string
	for _, d := range defs {
		if !wrong[d.Source] {
			ids = append(ids, d.ID)
		}
	}
	return ids
}
