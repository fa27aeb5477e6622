package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"burnline/slo"
	"burnline/slo/changes"
)

func markCommand() *cobra.Command {
	c := serverClient{tree: "/api/v1/changes"}
	in := changes.Input{Source: "cli"}
	var labels []string
	cmd := &cobra.Command{
		Use:   "mark TITLE",
		Short: "Tell a server of a deploy, a flag or a change of configuration",
		Long: `Tells a running server what was changed, so that pages name it and charts mark it. With --id, telling it twice is one
change, so a pipeline may repeat the call. docs/changes.md has the rest.

Exit code: 0 when it is kept, 1 when the server refuses it, 2 when the server can't be asked.`,
		Example: "  burnline mark --service checkout --version 2.14.0 'checkout 2.14.0' --by \"$USER\" --link https://ci.example.com/42\n" +
			"  burnline mark --kind flag --service checkout --label flag=fast-path --label value=on 'fast path on'",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("write what changed in one argument, such as: burnline mark --service checkout --version 2.14.0 'checkout 2.14.0'")
			}
			in.Title = args[0]
			return mark(cmd, &c, in, labels)
		},
	}
	c.register(cmd)
	f := cmd.Flags()
	f.StringVar(&in.ID, "id", "", "names the change, so that telling it twice is one (default: each is one)")
	f.StringVar(&in.Kind, "kind", "deploy", "deploy, flag, config or other")
	f.StringVar(&in.Service, "service", "", "what was changed (default: it concerns all services)")
	f.StringVar(&in.Version, "version", "", "the version that came")
	f.StringVar(&in.At, "at", "", "when it happened, as YYYY-MM-DDThh:mm:ssZ (default now)")
	f.StringVar(&in.By, "by", "", "who or what did it")
	f.StringVar(&in.Link, "link", "", "where to read more")
	f.StringArrayVar(&labels, "label", nil, "name=value that narrows it, such as region=eu; may be repeated")
	return cmd
}

// mark tells the server of a change.
func mark(cmd *cobra.Command, c *serverClient, in changes.Input, labels []string) error {
	in.Labels = map[string]string{}
	var wrong []error
	for _, l := range labels {
		name, value, ok := strings.Cut(l, "=")
		switch _, twice := in.Labels[name]; {
		case !ok || name == "":
			wrong = append(wrong, fmt.Errorf("--label %s: write name=value, such as region=eu", l))
		case twice:
			wrong = append(wrong, fmt.Errorf("--label %s: %s is given twice; keep one", l, name))
		}
		in.Labels[name] = value
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	var kept slo.ChangeEvent
	body, err := c.send(cmd, http.MethodPost, "", in, &kept)
	return c.tell(cmd, body, err, func() error {
		of := cmp.Or(kept.Service, "all services")
		return c.print(cmd, fmt.Sprintf("%s is known: %s of %s, %s\n", cell(kept.ID), kept.Kind, cell(of), kept.At.UTC().Format("2006-01-02 15:04:05 MST")))
	})
}
