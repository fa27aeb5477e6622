package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"burnline/internal/app"
	"burnline/slo"
	"burnline/slo/spec"
)

// checkFlags are the flags of burnline check.
type checkFlags struct {
	config, output string
}

func checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [FILE…]",
		Short: "Say what is wrong with SLO files, all at once",
		Long: `Reads SLO files, and folders of them, and prints everything that is wrong with file and line and with what to
write instead. With --config it checks the configuration too, and the SLOs that it names where no FILE is given.

Exit code: 0 when they can be loaded (warnings allowed), 1 when something is wrong, 2 when they can't be read.`,
		Example: "  burnline check slos/\n  burnline check --config burnline.yaml\n  burnline check -o json checkout.yaml",
		RunE:    func(cmd *cobra.Command, args []string) error { return check(cmd.OutOrStdout(), args, f) },
	}
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file to check as well")
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text for people or json for programs")
	return cmd
}

// checked is what check found, as -o json prints it.
type checked struct {
	SLOs     []string     `json:"slos"`
	Findings slo.Findings `json:"findings"`
}

func check(out io.Writer, paths []string, f checkFlags) error {
	if f.output != "text" && f.output != "json" {
		return fmt.Errorf("-o %s: write text or json", f.output)
	}
	if len(paths) == 0 && f.config == "" {
		return errors.New("name the files to check: burnline check slos/")
	}
	result := checked{SLOs: []string{}, Findings: slo.Findings{}}
	if f.config != "" {
		config, findings, err := app.LoadConfig(f.config)
		if err != nil {
			return err
		}
		result.Findings = append(result.Findings, findings...)
		if len(paths) == 0 && len(findings.Errors()) == 0 {
			paths = config.SLOs
		}
	}
	set, findings, err := spec.Load(paths)
	if err != nil {
		return err
	}
	result.Findings = append(result.Findings, findings...)
	for _, d := range set.Definitions {
		result.SLOs = append(result.SLOs, d.ID)
	}
	if err := result.print(out, f.output); err != nil {
		return err
	}
	if len(result.Findings.Errors()) > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}

// print writes one finding a line and a summary, or JSON.
func (c checked) print(out io.Writer, output string) error {
	if output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(c)
	}
	for _, f := range c.Findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	errs := len(c.Findings.Errors())
	_, err := fmt.Fprintf(out, "%s good, %s, %s\n", count(len(c.SLOs), "SLO"), count(errs, "error"), count(len(c.Findings)-errs, "warning"))
	return err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
