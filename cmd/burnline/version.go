package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"burnline/internal/app"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "burnline", app.Version())
			return err
		},
	}
}
