package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/app"
)

func restoreCommand() *cobra.Command {
	var o app.RestoreOptions
	var output, dsn string
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Make a data folder of a backup",
		Long: `Verifies a backup and makes a data folder of it, which has to be empty. --from names one backup, as a folder or a file
that ends in .tar, or the folder of all backups: then it is the newest one, with the state as it was copied last, seconds before
the server was lost. A copy of the state alone, as before-migrations in the data folder has them, is restored too, with --dsn-file
and without --data to an empty PostgreSQL database; its schema stays as it is. Start burnline serve with that folder afterwards: open incidents go on under their keys, and what happened
meanwhile is judged anew. Messages that were sent after the backup may be sent again, with the same key.

Exit code: 0, 1 when the backup is damaged or the folder not empty, 2 when it can't be done.`,
		Example: "  burnline restore --from /mnt/backups --data /var/lib/burnline --config-to /etc/burnline\n  burnline restore --from monday.tar --verify",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("-o %s: write text or json", output)
			}
			if o.From == "" {
				return errors.New("say what to restore: --from BACKUP")
			}
			if o.Data == "" && !o.VerifyOnly && (dsn == "" || !app.OnlyState(o.From)) {
				return errors.New("say where to: --data FOLDER, or --verify to only look at it")
			}
			if dsn != "" {
				secret, err := readSecret(cmd, dsn)
				if err != nil {
					return err
				}
				o.DSN = strings.TrimSpace(secret)
			}
			began := time.Now()
			done, err := app.Restore(cmd.Context(), o)
			if err != nil {
				return &exitError{exitFindings, err}
			}
			return printRestored(cmd, output, &o, done, time.Since(began))
		},
	}
	cmd.Flags().StringVar(&o.From, "from", "", "a backup, the folder of all backups, or a copy of the state (required)")
	cmd.Flags().StringVar(&o.Data, "data", "", "folder to restore to, empty or not there")
	cmd.Flags().StringVar(&o.ConfigTo, "config-to", "", "folder for the configuration (default: it stays in the backup)")
	cmd.Flags().StringVar(&dsn, "dsn-file", "", "file with the address of an empty PostgreSQL database for the state (default: SQLite in the data folder)")
	cmd.Flags().BoolVar(&o.VerifyOnly, "verify", false, "read all of it and restore nothing")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text for people, or json for programs")
	return cmd
}

func printRestored(cmd *cobra.Command, output string, o *app.RestoreOptions, r *app.Restored, took time.Duration) error {
	if output == "json" {
		return printJSON(cmd, r)
	}
	out := cmd.OutOrStdout()
	m := r.Manifest
	what := "restored to " + cmp.Or(o.Data, "the database")
	if o.VerifyOnly {
		what = "sound"
	}
	if m == nil {
		_, _ = fmt.Fprintf(out, "%s is %s, in %s\n  state as of %s: schema %d, %d open incidents\n", r.From, what, shortly(took), r.StateAt.Format(time.RFC3339Nano), r.Schema, len(r.Open))
		return nil
	}
	_, _ = fmt.Fprintf(out, "%s is %s, in %s\n  %d files, %.1f MiB, made by burnline %s on %s\n  metrics as of %s\n  state as of %s: schema %d, %d open incidents\n",
		r.From, what, shortly(took), len(m.Files), float64(m.Bytes())/(1<<20), m.Program, m.Host,
		m.Began.Format(time.RFC3339), r.StateAt.Format(time.RFC3339Nano), r.Schema, len(r.Open))
	for _, path := range r.Config {
		_, _ = fmt.Fprintln(out, "  configuration "+path)
	}
	if o.VerifyOnly {
		return nil
	}
	if err := printNeeded(out, m); err != nil {
		return err
	}
	if r.First != "" {
		_, _ = fmt.Fprintln(out, "Before the start "+r.First+".")
	}
	_, err := fmt.Fprintln(out, "To start it: "+r.Serve)
	return err
}

// printJSON writes a value for programs.
func printJSON(cmd *cobra.Command, value any) error {
	e := json.NewEncoder(cmd.OutOrStdout())
	e.SetIndent("", "  ")
	return e.Encode(value)
}
