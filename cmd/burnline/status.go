package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"burnline/alerting"
	"burnline/alerting/statuspage"
)

func statusCommand() *cobra.Command {
	c := statusClient{serverClient{tree: "/api/v1/status/posts"}}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Write for customers on the status page, and take it back",
		Long: `Publishes what customers read on the status page of a running server, in plain words, and takes it back.
docs/status-page.md has the rest.

Exit code: 0 when it is done, 1 when the server refuses it, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.postCommand(), c.listCommand(), c.removeCommand())
	return ofItsCommands(cmd)
}

// statusClient asks a server.
type statusClient struct{ serverClient }

func (c *statusClient) postCommand() *cobra.Command {
	var in statuspage.Draft
	cmd := &cobra.Command{
		Use:     "post TEXT",
		Short:   "Publish a text; it stands with the incident or maintenance of its journey that goes on",
		Args:    oneArgument("burnline status post 'Some cards are refused. We look into it.' --journey Paying --by ada"),
		Example: "  burnline status post 'Some cards are refused. Vouchers work. We look into it.' --journey Paying --by ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Text = args[0]
			var post alerting.StatusPost
			body, err := c.send(cmd, http.MethodPost, "", in, &post)
			c.actedAs(cmd, in.By, post.By)
			return c.tell(cmd, body, err, func() error {
				return c.print(cmd, post.ID+" can be read within seconds. To take it back: burnline status remove "+post.ID+" --by NAME\n")
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Title, "title", "", "a heading in a few words, such as Found")
	f.StringArrayVar(&in.Journeys, "journey", nil, "journey that it is about, as the status page names it; may be repeated (default: all)")
	actorFlag(cmd, &in.By, "who answers for it; customers don't read it")
	return cmd
}

func (c *statusClient) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what was published within 90 days, with what was taken back",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var answer struct {
				Posts []alerting.StatusPost `json:"posts"`
			}
			body, err := c.ask(cmd, http.MethodGet, "", nil, &answer)
			return c.tell(cmd, body, err, func() error { return writePosts(cmd.OutOrStdout(), answer.Posts) })
		},
	}
}

func (c *statusClient) removeCommand() *cobra.Command {
	var in struct {
		By string `json:"by"`
	}
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Take a post back; that it was, and who took it back, is kept",
		Args:  oneArgument("burnline status remove ID --by ada; burnline status list shows the IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var gone alerting.StatusPost
			body, err := c.send(cmd, http.MethodPost, "/"+url.PathEscape(args[0])+"/remove", in, &gone)
			c.actedAs(cmd, in.By, gone.RemovedBy)
			return c.tell(cmd, body, err, func() error {
				return c.print(cmd, args[0]+" is taken back; nobody reads it from the next seconds on.\n")
			})
		},
	}
	actorFlag(cmd, &in.By, "who takes it back")
	return cmd
}

func writePosts(w io.Writer, all []alerting.StatusPost) error {
	if len(all) == 0 {
		_, err := io.WriteString(w, "Nothing was published within 90 days.\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tWHEN\tJOURNEYS\tTEXT\tBY\tTAKEN BACK") // Flush tells what went wrong
	for _, p := range all {
		about, text := strings.Join(p.Journeys, ", "), p.Text
		if about == "" {
			about = "all"
		}
		if p.Title != "" {
			text = p.Title + ": " + text
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.At.UTC().Format("2006-01-02 15:04 MST"), cell(about), cell(text), cell(p.By), cell(p.RemovedBy))
	}
	return table.Flush()
}
