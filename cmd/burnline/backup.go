package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/backup"
)

// longestBackup is more than a backup or the drill of one may take.
const longestBackup = 6 * time.Hour

func backupCommand() *cobra.Command {
	c := serverClient{tree: "/-/backup"}
	var to string
	var traces bool
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Back up state, metrics and configuration of a running server",
		Long: `Makes a backup while the server runs, as an admin: its state, its metric store, its checkpoints, and the
configuration with all that it names. Without --to it goes to the server's own folder, backup.to; with --to it is sent here, into a
new folder below the one that is named, or into one file where the name ends in .tar. It is verified when it is here. What is
written into the configuration is in it, so keep secrets in files or variables: these are not in it, and are printed, for they have
to be there before a restore.

Exit code: 0, 1 when no backup could be made, 2 when the server can't be asked.`,
		Example: "  burnline backup\n  burnline backup --to /mnt/backups\n  burnline backup --to monday.tar --server https://burnline.example.com --token-file admin.token",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return runDrill(cmd, &c, "backup", url.Values{}, longestBackup)
			}
			return c.takeBackup(cmd, to, traces)
		},
	}
	c.register(cmd)
	cmd.PersistentFlags().Lookup("output").Usage = "text for people, or json for programs"
	cmd.Flags().StringVar(&to, "to", "", "folder in which the backup becomes a folder, or a file that ends in .tar (default: the server's backup.to)")
	cmd.Flags().BoolVar(&traces, "traces", false, "with traces; only with --to, else backup.traces says")
	cmd.AddCommand(backupDrillCommand(&c))
	return cmd
}

func backupDrillCommand(c *serverClient) *cobra.Command {
	return &cobra.Command{
		Use:   "drill",
		Short: "Restore the server's newest backup apart, and compare it with what was backed up",
		Long: `Has a running server verify the newest backup of backup.to, restore it beside its data, compare every table and
the open incidents, and count budgets anew from the restored samples.

Exit code: 0, 1 when something differs, which is named, 2 when the server can't be asked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			of := *c
			of.tree = "/-/backup/drill"
			return runDrill(cmd, &of, "restore drill", url.Values{}, longestBackup)
		},
	}
}

// takeBackup has the server send a backup.
func (c *serverClient) takeBackup(cmd *cobra.Command, to string, traces bool) error {
	part := "/api/v1/backups/send"
	if traces {
		part += "?traces=true"
	}
	req, err := c.request(cmd, http.MethodPost, part, nil)
	if err != nil {
		return err
	}
	began := time.Now()
	resp, err := c.do(cmd, req, longestBackup)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	if resp.StatusCode != http.StatusOK {
		answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		err = errors.Join(err, refused(cmd, resp.Status, answer))
		if resp.StatusCode == http.StatusServiceUnavailable { // it was asked, and can't
			err = &exitError{exitFindings, err}
		}
		return err
	}
	path, m, err := keepBackup(cmd, resp.Body, to)
	if err != nil {
		return err
	}
	return printBackup(cmd, c.output, path, m, time.Since(began))
}

// keepBackup writes a backup that is sent where it is to be, verified, and under its name only then.
func keepBackup(cmd *cobra.Command, body io.Reader, to string) (path string, m *backup.Manifest, err error) {
	into := to
	if strings.HasSuffix(to, ".tar") {
		into = filepath.Dir(to)
		if _, err := os.Stat(to); err == nil {
			return "", nil, fmt.Errorf("%s is there already: name another file", to)
		}
	}
	if err := os.MkdirAll(into, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder of the backup: %w", err)
	}
	aside, err := os.MkdirTemp(into, ".unfinished-burnline-")
	if err != nil {
		return "", nil, fmt.Errorf("write the backup: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(aside); e != nil {
			err = errors.Join(err, e)
		}
	}()
	dir := filepath.Join(aside, "backup")
	if err := backup.Unpack(cmd.Context(), body, dir); err != nil {
		return "", nil, err
	}
	if m, err = backup.Verify(cmd.Context(), dir); err != nil {
		return "", nil, err
	}
	if into == to {
		name, err := backup.Name(to, m)
		if err != nil {
			return "", nil, err
		}
		path = filepath.Join(to, name)
		return path, m, os.Rename(dir, path)
	}
	return to, m, writeTar(cmd, dir, filepath.Join(aside, "backup.tar"), to)
}

// writeTar writes a backup into one file.
func writeTar(cmd *cobra.Command, dir, aside, to string) error {
	f, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the file that the user named
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	err = backup.Pack(cmd.Context(), dir, f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return os.Rename(aside, to)
}

// printBackup says what a backup holds, and what it does not.
func printBackup(cmd *cobra.Command, output, path string, m *backup.Manifest, took time.Duration) error {
	if output == "json" {
		return printJSON(cmd, m)
	}
	out := cmd.OutOrStdout()
	_, _ = fmt.Fprintf(out, "%s\n  %d files, %.1f MiB, made in %s by burnline %s on %s\n  state: schema %d, %d open incidents\n",
		path, len(m.Files), float64(m.Bytes())/(1<<20), shortly(took), m.Program, m.Host, m.State.Schema, len(m.State.Open))
	if m.Metrics != nil {
		_, _ = fmt.Fprintf(out, "  metrics: %d samples; %d budgets\n", m.Metrics.Samples, len(m.Budgets))
	} else {
		_, _ = fmt.Fprintln(out, "  metrics: in a remote backend, which has backups of its own")
	}
	return printNeeded(out, m)
}

// printNeeded lists the secrets that are not in a backup.
func printNeeded(out io.Writer, m *backup.Manifest) error {
	if len(m.Secrets)+len(m.Variables) == 0 {
		return nil
	}
	text := "Not in it, and needed by a restored server:\n"
	for _, path := range m.Secrets {
		text += "  the file " + path + "\n"
	}
	for _, name := range m.Variables {
		text += "  the variable " + name + "\n"
	}
	_, err := io.WriteString(out, text)
	return err
}
