package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"burnline/internal/app"
	"burnline/internal/auth"
	"burnline/web"
)

func tokensCommand() *cobra.Command {
	c := accessClient{serverClient: serverClient{tree: "/api/v1/tokens"}}
	cmd := &cobra.Command{
		Use:   "tokens",
		Short: "Make, list and revoke tokens for programs",
		Long: `Changes which programs get in. Without --server it changes the state of a server that does not run, as before its first
start; with --server it asks a running one, as an admin. The scopes are read, write (which includes read), admin (which
includes both) and ingest (telemetry, alerts and changes come in). docs/access.md has the rest.

Exit code: 0 when it is done, 1 when it is refused, 2 when it can't be done.`,
	}
	c.registerAccess(cmd)
	cmd.AddCommand(c.createTokenCommand(), c.listTokensCommand(), c.revokeTokenCommand())
	return ofItsCommands(cmd)
}

func (c *accessClient) createTokenCommand() *cobra.Command {
	var in auth.TokenInput
	var scopes []string
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a token and print it this once",
		Example: "  burnline tokens create grafana --scope read > grafana.token\n  burnline tokens create ci --scope ingest --for 1y --server https://burnline.example.com",
		Args:    oneArgument("burnline tokens create ci --scope ingest"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			for _, s := range scopes {
				in.Scopes = append(in.Scopes, auth.Scope(s))
			}
			return c.createToken(cmd, in)
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "read, write, admin or ingest; may be repeated (required)")
	cmd.Flags().StringSliceVar(&in.Teams, "team", nil, "a team whose things it may change; may be repeated (default: all)")
	cmd.Flags().StringVar(&in.For, "for", "", "how long it lasts, at most two years (default 90d)")
	return cmd
}

func (c *accessClient) createToken(cmd *cobra.Command, in auth.TokenInput) error {
	var t web.NewTokenJSON
	answer, err := c.reach(cmd, http.MethodPost, "", in, &t, func(f *app.AccessFolder) error {
		secret, kept, err := f.CreateToken(cmd.Context(), in, "", f.By)
		if err != nil {
			return err
		}
		kept.Hash = ""
		t = web.NewTokenJSON{TokenJSON: web.TokenJSON{Token: kept, State: "valid"}, Secret: secret}
		return f.Note(cmd.Context(), "make a token", kept.ID, kept.Name)
	})
	if err != nil {
		return err
	}
	if c.output == "json" {
		return c.printJSON(cmd, answer, t)
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "token %s (%s) is valid until %s, and shown this once:\n", t.Name, t.ID, moment(t.Expires))
	return c.print(cmd, t.Secret+"\n")
}

func (c *accessClient) listTokensCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all tokens, those that ended among them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all web.TokensJSON
			answer, err := c.reach(cmd, http.MethodGet, "", nil, &all, func(f *app.AccessFolder) (err error) {
				all.Tokens, err = listedTokens(cmd.Context(), f)
				return err
			})
			if err != nil {
				return err
			}
			if c.output == "json" {
				return c.printJSON(cmd, answer, all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, t := range all.Tokens {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s until %s\n", t.ID, t.Name, scopesText(t.Scopes), strings.Join(t.Teams, ","), t.State, moment(t.Expires))
			}
			return w.Flush()
		},
	}
}

// listedTokens are the tokens of a server that does not run.
func listedTokens(ctx context.Context, f *app.AccessFolder) ([]web.TokenJSON, error) {
	tokens, err := f.Tokens(ctx, "")
	var all []web.TokenJSON
	for _, t := range tokens {
		t.Hash = ""
		all = append(all, web.TokenJSON{Token: t, State: t.State(f.Now())})
	}
	return all, err
}

func scopesText(scopes []auth.Scope) string {
	var all []string
	for _, s := range scopes {
		all = append(all, string(s))
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

func (c *accessClient) revokeTokenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token now",
		Args:  oneArgument("burnline tokens revoke ID; burnline tokens list shows the IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := c.reach(cmd, http.MethodDelete, "/"+url.PathEscape(args[0]), nil, nil, func(f *app.AccessFolder) error {
				if _, err := f.RevokeToken(cmd.Context(), args[0], "", f.By); err != nil {
					return err
				}
				return f.Note(cmd.Context(), "revoke a token", args[0], "")
			})
			if err != nil {
				return err
			}
			return c.print(cmd, args[0]+" is revoked.\n")
		},
	}
}
