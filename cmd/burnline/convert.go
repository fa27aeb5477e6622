package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/openslo"
	"burnline/slo/spec/pyrra"
	"burnline/slo/spec/sloth"
)

// writer writes definitions in one form, and says what the form can't say.
type writer func(io.Writer, []slo.Definition) (slo.Findings, error)

// writerOf returns the writer of a form.
func writerOf(form string) (writer, error) {
	switch form {
	case "native":
		return spec.Write, nil
	case "sloth":
		return sloth.Write, nil
	case "openslo":
		return openslo.Write, nil
	case "pyrra":
		return pyrra.Write, nil
	case "":
		return nil, errors.New("say which form to write: burnline convert --to native slos/")
	}
	return nil, fmt.Errorf("--to %s: write native, sloth, openslo or pyrra", form)
}

func convertCommand() *cobra.Command {
	var to, out string
	cmd := &cobra.Command{
		Use:   "convert FILE… --to native|sloth|openslo|pyrra",
		Short: "Write SLO files in another tool's form, and say what that can't say",
		Long: `Reads SLO files of any form, and folders of them, prints them in the form that --to names, and says on standard
error, with file and line, what can't be carried over exactly. What can't be read is left out. Of native
form it also says what burnline check will ask for, such as a runbook. docs/dialects.md tells what becomes of what.

Exit code: 0 when everything is carried over, 1 when something is lost or left out, 2 when nothing can be written.`,
		Example: "  burnline convert sloth/ --to native --out slos/from-sloth.yaml\n  burnline convert slo.yaml --to openslo",
		RunE:    func(cmd *cobra.Command, args []string) error { return convert(cmd, args, to, out) },
	}
	cmd.Flags().StringVar(&to, "to", "", "native, sloth, openslo or pyrra (required)")
	cmd.Flags().StringVar(&out, "out", "", "file to write into; standard output where it is empty")
	return cmd
}

func convert(cmd *cobra.Command, paths []string, to, out string) error {
	write, err := writerOf(to)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return errors.New("name the files to convert: burnline convert slos/ --to " + to)
	}
	set, findings, err := spec.Load(paths)
	if err != nil {
		return err
	}
	findings = append(findings, unwritten(set)...)
	var text bytes.Buffer
	if len(set.Definitions) > 0 {
		lost, err := write(&text, set.Definitions)
		if err != nil {
			return fmt.Errorf("write as %s: %w", to, err)
		}
		findings = append(findings, lost...)
	}
	printFindings(cmd, findings)
	if text.Len() == 0 {
		return fmt.Errorf("nothing can be written as %s: no SLO in %q that can be read and carried over", to, paths)
	}
	if err := writeOut(cmd, out, text.Bytes()); err != nil {
		return fmt.Errorf("write the SLOs: %w", err)
	}
	if to == "native" {
		sayLacks(cmd, cmp.Or(out, "standard output"), text.Bytes(), set.Teams)
	}
	if slices.ContainsFunc(findings, func(f slo.Finding) bool { return f.Level != slo.LevelNote }) {
		return &exitError{code: exitFindings}
	}
	return nil
}

// sayLacks says what burnline check will refuse in native text that was written: files of other tools may leave out
// what a file of Burnline's own has to say, such as the runbook.
func sayLacks(cmd *cobra.Command, name string, text []byte, teams []slo.Team) {
	set, findings := spec.Parse(name, text)
	lacks := append(findings, spec.Locate(slo.Lint(set.Definitions, teams))...).Errors()
	if len(lacks) == 0 {
		return
	}
	_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "what is written lacks what burnline check asks of Burnline's own form:")
	printFindings(cmd, lacks)
}

// unwritten reports what stands beside SLOs in native files.
func unwritten(set spec.Set) slo.Findings {
	var findings slo.Findings
	for _, c := range set.Corrections {
		findings = append(findings, slo.Finding{Source: c.Source, Level: slo.LevelWarning,
			Message: "only SLOs are converted, so the correction " + c.ID + " is left out", Instead: "keep it in a native file"})
	}
	for _, t := range set.Teams {
		findings = append(findings, slo.Finding{Source: t.Source, Level: slo.LevelWarning,
			Message: "only SLOs are converted, so the team " + t.Name + " is left out", Instead: "keep it in a native file"})
	}
	return findings
}
