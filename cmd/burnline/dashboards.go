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

// dashboardsFlags are the flags of burnline dashboards.
type dashboardsFlags struct{ out, url, grafanaPath string }

func dashboardsCommand() *cobra.Command {
	var f dashboardsFlags
	cmd := &cobra.Command{
		Use:   "dashboards --out DIR [SLO files and folders]",
		Short: "Write Grafana dashboards for the SLOs",
		Long: `Writes an overview and one dashboard per SLO into DIR/dashboards, and the files that make Grafana load them
into DIR/provisioning. Without files it reads the folder slos. Files that it wrote before are replaced, or
removed when their SLO is gone; a file that it did not write is never touched. docs/dashboards.md says
how to show them to Grafana.`,
		RunE: func(cmd *cobra.Command, args []string) error { return writeDashboards(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write into (required)")
	cmd.Flags().StringVar(&f.url, "url", dashboards.DefaultURL, "address at which Grafana and people reach Burnline")
	cmd.Flags().StringVar(&f.grafanaPath, "grafana-path", dashboards.DefaultGrafanaPath, "folder on Grafana's host that will hold the dashboards")
	return cmd
}

func writeDashboards(cmd *cobra.Command, f dashboardsFlags, paths []string) error {
	if f.out == "" {
		return errors.New("say where to write: burnline dashboards --out DIR")
	}
	if len(paths) == 0 {
		paths = []string{"slos"}
	}
	defs, err := loadSLOs(cmd, paths)
	if err != nil {
		return err
	}
	files, err := dashboards.Generate(defs, dashboards.Options{ExternalURL: f.url, GrafanaPath: f.grafanaPath})
	if err != nil {
		return err
	}
	return install(cmd, f.out, files)
}

// install writes the files, all or none as far as foreign files are concerned,
// and removes the dashboards of SLOs that are gone.
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
	old, err := filepath.Glob(filepath.Join(dir, "dashboards", "slo-*.json"))
	if err != nil {
		return fmt.Errorf("list the dashboards of before: %w", err)
	}
	for _, path := range old {
		if own, err := isOurs(path); err != nil || !own || slices.Contains(written, path) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove the dashboard of an SLO that is gone: %w", err)
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), "removed", path)
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
