package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"burnline/web"
)

// diagnosis is the server's answer.
type diagnosis struct {
	Findings           []web.Diagnosed
	Problems, Warnings int
}

func doctorCommand() *cobra.Command {
	c := serverClient{tree: "/api/v1/doctor"}
	var page bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what arrives, what was refused, and whether a page would reach somebody",
		Long: `Asks a running server what arrives from whom, which SLOs it matched, what was refused and why, and whether a page would
reach somebody: every receiver is connected to as a page would be, with its keys, certificates and proxies, and nothing is
sent. Routes, heartbeat, drills, clocks, secrets, who can sign in, backups, disks and links are looked at too. With --page it drills as well, which pages.

Exit code: 0 when nothing is wrong (warnings allowed), 1 when something is, 2 when the server can't be asked.`,
		Example: "  burnline doctor\n  burnline doctor --page\n  burnline doctor -o json --server https://burnline.example.com --token-file token",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if page && c.output == "json" {
				return errors.New("--page prints steps as they come; write burnline drill -o json for programs")
			}
			return runDoctor(cmd, &c, page)
		},
	}
	c.register(cmd)
	cmd.Flags().BoolVar(&page, "page", false, "run a drill too: a synthetic failure that pages whoever routes lead to")
	return cmd
}

func runDoctor(cmd *cobra.Command, c *serverClient, page bool) error {
	var d diagnosis
	text, err := c.ask(cmd, http.MethodGet, "", nil, &d)
	if err != nil {
		return err
	}
	if c.output == "json" {
		var whole json.RawMessage = []byte(text)
		err = writeJSON(cmd.OutOrStdout(), whole)
	} else {
		err = printDiagnosis(cmd.OutOrStdout(), d)
	}
	if err != nil {
		return err
	}
	if page {
		drill := *c
		drill.tree = "/-/drill"
		if err := runDrill(cmd, &drill, "drill", url.Values{}, longestDrill); err != nil {
			return err
		}
	}
	if d.Problems > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}

// headings name the topics.
func headings() map[string]string {
	return map[string]string{"arrives": "What arrives", "slos": "SLOs", "refused": "Refused", "receivers": "Receivers", "clock": "Clock", "routes": "Routes",
		"secrets": "Secrets", "watch": "Who would miss it", "access": "Who gets in", "keeps": "What is kept", "disk": "Disk", "server": "Server"}
}

// printDiagnosis prints findings below the headings of their topics, and counts.
func printDiagnosis(out io.Writer, d diagnosis) error {
	var b strings.Builder
	topic := ""
	for _, f := range d.Findings {
		if f.Topic != topic {
			topic = f.Topic
			heading := headings()[topic]
			if heading == "" {
				heading = topic // of a newer server
			}
			fmt.Fprintf(&b, "%s\n", heading)
		}
		subject := ""
		if f.Subject != "" {
			subject = cell(f.Subject) + ": "
		}
		fmt.Fprintf(&b, "  %-8s %s%s\n", f.Level, subject, cell(f.Message))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "           → %s\n", cell(f.Remedy))
		}
	}
	fmt.Fprintf(&b, "%s, %s\n", count(d.Problems, "problem"), count(d.Warnings, "warning"))
	_, err := io.WriteString(out, b.String())
	return err
}
