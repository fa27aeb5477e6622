package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"

	"burnline/internal/app"
	"burnline/internal/sbom"
)

func versionCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, or what the binary is made of",
		Long: `Prints the version. With -o cyclonedx it prints all that this binary is made of (a software bill of materials), for scanners
that know of published weaknesses.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch output {
			case "text":
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "burnline", app.Version())
				return err
			case "cyclonedx":
				return components(cmd)
			}
			return fmt.Errorf("-o %s: write text or cyclonedx", output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text, or cyclonedx for the list of components")
	return cmd
}

// components lists what the binary is made of. SQLite is the one part that is C and comes inside a module.
func components(cmd *cobra.Command) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary doesn't know what it was built from; build it with Go's modules")
	}
	sqlite, _, _ := sqlite3.Version()
	return sbom.Write(cmd.OutOrStdout(), app.Version(), info, sbom.Part{Name: "sqlite", Version: sqlite, URL: "pkg:generic/sqlite@" + sqlite})
}
