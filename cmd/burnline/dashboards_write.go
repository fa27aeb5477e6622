package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"burnline/dashboards"
)

// dashboardsWriteFlags are the flags of burnline dashboards write.
type dashboardsWriteFlags struct{ out, grafanaPath, token string }

func dashboardsWriteCommand(shared *dashboardsFlags) *cobra.Command {
	var f dashboardsWriteFlags
	cmd := &cobra.Command{
		Use:   "write --out DIR [SLO files and folders]",
		Short: "Write dashboards and the files that make Grafana load them",
		Long: `Writes the dashboards into DIR/dashboards, a folder for each kind, and the files that make Grafana load them
into DIR/provisioning. Files that it wrote before are replaced, or removed when their SLO or service is gone; a file
that it did not write is never touched.`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if f.out == "" {
				return errors.New("say where to write: burnline dashboards write --out DIR")
			}
			files, err := shared.generate(cmd, paths, dashboards.Options{GrafanaPath: f.grafanaPath, TokenVariable: f.token})
			if err != nil {
				return err
			}
			return install(cmd, f.out, files)
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write into (required)")
	cmd.Flags().StringVar(&f.grafanaPath, "grafana-path", dashboards.DefaultGrafanaPath, "folder on Grafana's host that will hold the dashboards")
	cmd.Flags().StringVar(&f.token, "token-env", "", "environment variable of Grafana that holds an API token of Burnline, for the data sources")
	return cmd
}

// install writes the files, all or none as far as foreign files are concerned,
// and removes the dashboards of SLOs and services that are gone.
func install(cmd *cobra.Command, dir string, files []dashboards.File) error {
	var foreign []error
	written := make([]string, len(files))
	for i, file := range files {
		written[i] = filepath.Join(dir, filepath.FromSlash(file.Path))
		if own, err := isOurs(written[i]); err != nil {
			return err
		} else if !own {
			foreign = append(foreign, fmt.Errorf("%s exists and was not written by burnline; move it away or choose another --out", written[i]))
		}
	}
	if len(foreign) > 0 {
		return errors.Join(foreign...)
	}
	for i, file := range files {
		if err := os.MkdirAll(filepath.Dir(written[i]), 0o755); err != nil {
			return fmt.Errorf("create the folder for %s: %w", written[i], err)
		}
		if err := os.WriteFile(written[i], file.Data, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", written[i], err)
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), "wrote", written[i])
	}
	return removeOld(cmd, filepath.Join(dir, "dashboards"), written)
}

// removeOld removes the dashboards that were written before and are not any more.
func removeOld(cmd *cobra.Command, dir string, written []string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" || slices.Contains(written, path) {
			return err
		}
		if own, err := isOurs(path); err != nil || !own {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), "removed", path)
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove the dashboards of what is gone: %w", err)
	}
	return nil
}

// isOurs reports whether a file may be replaced: it does not exist, or carries
// the mark of generated files.
func isOurs(path string) (bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", path, err)
	}
	return bytes.Contains(data, []byte(dashboards.Mark)), nil
}
