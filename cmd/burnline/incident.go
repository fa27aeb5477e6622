package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/alerting/reviews"
)

func incidentCommand() *cobra.Command {
	c := incidentClient{serverClient: serverClient{tree: "/api/v1"}}
	cmd := &cobra.Command{
		Use:   "incident",
		Short: "What follows an incident: notes, useful or noise, actions and the draft of a postmortem",
		Long: `Asks a running server to keep what people write of an incident, and for the draft of its postmortem. An incident is found by the
beginning of its key, or by the ID or the name of an SLO or an alert where that has had one only. docs/incidents.md has the rest.

Exit code: 0 when it is done, 1 when the server refuses it or none or several incidents are found, 2 when the server can't be asked.`,
	}
	c.register(cmd)
	cmd.AddCommand(c.noteCommand(), c.reviewCommand(), c.actionsCommand(), c.postmortemCommand())
	return ofItsCommands(cmd)
}

// incidentClient asks a server.
type incidentClient struct {
	serverClient
	by string
}

// find returns the path of the one incident that is meant.
func (c *incidentClient) find(cmd *cobra.Command, name string) (string, error) {
	if strings.TrimSpace(name) == "" {
		return "", errors.New("name the incident by the beginning of its key")
	}
	var found struct {
		Incidents []whyRecord `json:"incidents"`
	}
	if _, err := c.ask(cmd, http.MethodGet, "/incidents?"+url.Values{"find": {name}}.Encode(), nil, &found); err != nil {
		return "", err
	}
	all := found.Incidents
	if byKey := slices.DeleteFunc(slices.Clone(all), func(r whyRecord) bool { return !strings.HasPrefix(r.Key, name) }); len(byKey) > 0 {
		all = byKey
	}
	if len(all) == 1 {
		return "/incidents/" + url.PathEscape(all[0].Key), nil
	}
	if len(all) == 0 {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "there is no incident whose key begins with %q, nor one of an SLO or alert of that name\n", name)
		return "", &exitError{code: exitFindings}
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d incidents are found; write the beginning of the key of one:\n", len(all))
	for _, r := range all[:min(len(all), 10)] {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "  %s  %s of %s, opened %s\n", short(r.Key), r.Severity, r.SLO, moment(r.Opened))
	}
	return "", &exitError{code: exitFindings}
}

// post sends what somebody wrote.
func (c *incidentClient) post(cmd *cobra.Command, path string, in, into any) (string, error) {
	switch known, err := c.somebody(cmd, c.by); {
	case err != nil:
		return "", err
	case !known:
		return "", errors.New("say who you are: write --by with your name")
	}
	return c.send(cmd, http.MethodPost, path, in, into)
}

func (c *incidentClient) noteCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "note INCIDENT TEXT",
		Short:   "Add a note to an incident; - reads it from the standard input",
		Args:    twoArguments("burnline incident note 3f2a9c 'the bank answers again' --by ada"),
		Example: "  burnline incident note 3f2a9c 'the bank answers again' --by ada\n  tail -20 app.log | burnline incident note 3f2a9c - --by ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			text := args[1]
			if text == "-" {
				data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), reviews.MaxNote+1))
				if err != nil {
					return fmt.Errorf("read the note: %w", err)
				}
				text = string(data)
			}
			path, err := c.find(cmd, args[0])
			if err != nil {
				return err
			}
			var kept reviews.Note
			body, err := c.post(cmd, path+"/notes", reviews.NoteInput{By: c.by, Text: text}, &kept)
			c.actedAs(cmd, c.by, kept.By)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, fmt.Sprintf("Noted at %s.\n", moment(kept.At))) })
		},
	}
	c.asked(cmd)
	return cmd
}

// asked adds the flag that says who asks.
func (c *incidentClient) asked(cmd *cobra.Command) {
	actorFlag(cmd, &c.by, "who you are, to change something")
}

// reviewed is what the server answers of an incident.
type reviewed struct {
	Times    reviews.Times     `json:"times"`
	Spent    *reviews.Spent    `json:"budget_spent"`
	Verdict  *reviews.Verdict  `json:"verdict"`
	Notes    []reviews.Note    `json:"notes"`
	Actions  []reviews.Action  `json:"actions"`
	Verdicts []reviews.Verdict `json:"verdicts"`
}

func (c *incidentClient) reviewCommand() *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:     "review INCIDENT [useful|noise]",
		Short:   "Say whether an incident was useful or noise, or show what was written of it",
		Args:    cobra.RangeArgs(1, 2),
		Example: "  burnline incident review 3f2a9c\n  burnline incident review 3f2a9c noise --why 'a load test' --by ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := c.find(cmd, args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return c.show(cmd, path)
			}
			var kept reviews.Verdict
			body, err := c.post(cmd, path+"/verdict", reviews.VerdictInput{By: c.by, Value: reviews.Value(args[1]), Why: why}, &kept)
			c.actedAs(cmd, c.by, kept.By)
			return c.tell(cmd, body, err, func() error { return c.print(cmd, fmt.Sprintf("Judged %s by %s.\n", kept.Value, cell(kept.By))) })
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "why, if you like")
	c.asked(cmd)
	return cmd
}

// show prints what was written of an incident.
func (c *incidentClient) show(cmd *cobra.Command, path string) error {
	var r reviewed
	body, err := c.ask(cmd, http.MethodGet, path+"/review", nil, &r)
	return c.tell(cmd, body, err, func() error { return c.print(cmd, r.text()+actionLines(r.Actions, time.Now())) })
}

// text is what was written of an incident, without its actions.
func (r *reviewed) text() string {
	var b strings.Builder
	for _, m := range []struct {
		name string
		at   time.Time
	}{{"began", r.Times.Began}, {"detected", r.Times.Detected}, {"told", r.Times.Told}, {"acknowledged", r.Times.Acknowledged}, {"recovered", r.Times.Recovered}} {
		if m.at.IsZero() {
			_, _ = fmt.Fprintf(&b, "%-13s not yet, or never\n", m.name)
			continue
		}
		_, _ = fmt.Fprintf(&b, "%-13s %s\n", m.name, moment(m.at))
	}
	if r.Spent != nil {
		_, _ = fmt.Fprintf(&b, "%-13s %.3g %% of it\n", "budget", 100*r.Spent.Share)
	}
	verdict := "nobody has judged yet"
	if r.Verdict != nil {
		verdict = string(r.Verdict.Value) + ", by " + cell(r.Verdict.By)
		if r.Verdict.Why != "" {
			verdict += ": " + cell(r.Verdict.Why)
		}
	}
	_, _ = fmt.Fprintf(&b, "%-13s %s\n", "verdict", verdict)
	for _, n := range r.Notes {
		_, _ = fmt.Fprintf(&b, "%-13s %s  %s: %s\n", "note", moment(n.At), cell(n.By), cell(n.Text))
	}
	return b.String()
}

func (c *incidentClient) postmortemCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "postmortem INCIDENT",
		Short:   "Print the draft of a postmortem in Markdown, from the record",
		Args:    oneArgument("burnline incident postmortem 3f2a9c > postmortem.md"),
		Example: "  burnline incident postmortem 3f2a9c > postmortem.md",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := c.find(cmd, args[0])
			if err != nil {
				return err
			}
			var draft struct {
				Markdown string   `json:"markdown"`
				Missing  []string `json:"missing"`
			}
			body, err := c.ask(cmd, http.MethodGet, path+"/postmortem", nil, &draft)
			return c.tell(cmd, body, err, func() error {
				for _, m := range draft.Missing {
					_, _ = fmt.Fprintln(cmd.ErrOrStderr(), m)
				}
				return c.print(cmd, draft.Markdown)
			})
		},
	}
}
