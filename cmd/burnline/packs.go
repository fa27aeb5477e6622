package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"burnline/docs/runbooks"
	"burnline/rules/packs"
)

func packsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "packs",
		Short: "Ready SLOs, alerts and panels for programs that many run: list, show, write",
		Long: `Ready SLOs, alerts for causes, panels for dashboards and runbooks for programs that many teams run. A pack is written out once,
and the files are yours from then on. docs/packs.md says how to use them.`,
	}
	cmd.AddCommand(packsListCommand(), packsShowCommand(), packsWriteCommand())
	return ofItsCommands(cmd)
}

func packsListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the packs and what exports their metrics",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := packs.All()
			if err != nil {
				return err
			}
			for _, p := range all {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%-22s %s\n", p.Name, p.Source)
			}
			return nil
		},
	}
}

func packsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show PACK",
		Short:   "Show what a pack needs, how it was tested, all of its files, and its runbook",
		Example: "  burnline packs show nginx",
		Args:    oneArgument("burnline packs show nginx"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := packs.Find(args[0])
			if err != nil {
				return err
			}
			files, err := p.Files(packs.Options{})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			_, _ = fmt.Fprintf(out, "%s\n\nMetrics: %s.\nTested:  %s.\n\n%s", p.Title, p.Source, p.Tested.Words(), p.Setup)
			for _, f := range files {
				_, _ = fmt.Fprintf(out, "\n--- %s\n%s", f.Path, f.Data)
			}
			text, _ := runbooks.Read(p.Name) // a test sees to it that each pack has one
			_, _ = fmt.Fprintf(out, "\n--- /runbooks/%s\n%s", p.Name, text)
			return nil
		},
	}
}

// packsWriteFlags are the flags of burnline packs write.
type packsWriteFlags struct {
	packs.Options
	out string
}

func packsWriteCommand() *cobra.Command {
	var f packsWriteFlags
	cmd := &cobra.Command{
		Use:   "write PACK… --out DIR",
		Short: "Write packs as files of your own",
		Long: `Writes packs into DIR: slos/ and rules/ for the same keys of burnline.yaml, scrape/ with the fragment that gets the metrics, and
panels/ for burnline dashboards write --add. A file that exists and says something else is never touched: then nothing is written.`,
		Example: "  burnline packs write nginx postgresql --out .\n  burnline packs write redis --service sessions --team accounts --out .",
		Args:    someArguments("name the packs: burnline packs write nginx --out ."),
		RunE:    func(cmd *cobra.Command, names []string) error { return f.write(cmd, names) },
	}
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write into (required)")
	cmd.Flags().StringVar(&f.Service, "service", "", "service that the SLOs are of, with one pack; the pack's name where it is empty")
	cmd.Flags().StringVar(&f.Job, "job", "", "job under which the metrics are scraped, with one pack; the service where it is empty")
	cmd.Flags().StringVar(&f.Team, "team", packs.DefaultTeam, "team that looks after it")
	cmd.Flags().StringVar(&f.ExternalURL, "external-url", packs.DefaultURL, "address at which people reach Burnline, which serves the runbooks")
	return cmd
}

// write writes the packs, all or nothing.
func (f *packsWriteFlags) write(cmd *cobra.Command, names []string) error {
	if f.out == "" {
		return errors.New("say where to write: burnline packs write " + strings.Join(names, " ") + " --out DIR")
	}
	if len(names) > 1 && cmp.Or(f.Service, f.Job) != "" {
		return errors.New("write one pack at a time with --service or --job: each has its own")
	}
	chosen, err := findPacks(names)
	if err != nil {
		return err
	}
	var files []packs.File
	for _, p := range chosen {
		more, err := p.Files(f.Options)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	return writeNew(cmd, f.out, files)
}

// findPacks finds packs by name, each once. The error names all that there are not.
func findPacks(names []string) ([]packs.Pack, error) {
	var chosen []packs.Pack
	var errs []error
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		p, err := packs.Find(name)
		chosen, errs = append(chosen, p), append(errs, err)
	}
	return chosen, errors.Join(errs...)
}

// writeNew writes files that are not there yet; if one is there and says something else, none.
func writeNew(cmd *cobra.Command, dir string, files []packs.File) error {
	var missing []packs.File
	var errs []error
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		data, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, file)
		case err != nil:
			errs = append(errs, fmt.Errorf("look at %s: %w", path, err))
		case !bytes.Equal(data, file.Data):
			errs = append(errs, fmt.Errorf("%s is there and says something else; it is yours, so move it away or write elsewhere", path))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	for _, file := range missing {
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("create the folder for %s: %w", path, err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), "wrote", path)
	}
	if len(missing) == 0 {
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), "all of it is there already")
	}
	return nil
}
