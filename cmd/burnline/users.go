package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"burnline/internal/app"
	"burnline/internal/auth"
	"burnline/slo"
	"burnline/web"
)

// accessClient changes who gets in: in the state of a server that does not run, or by the API of
// one that does.
type accessClient struct {
	serverClient
	config, data string
	// first is true for what may come before the server's first start: it makes the state.
	first bool
}

// registerAccess adds the flags that all its commands have.
func (c *accessClient) registerAccess(cmd *cobra.Command) {
	c.register(cmd)
	cmd.PersistentFlags().Lookup("server").DefValue = ""
	c.server = ""
	cmd.PersistentFlags().Lookup("server").Usage = "address of a running server (default: the state of one that does not run is changed)"
	cmd.PersistentFlags().StringVar(&c.config, "config", "", "configuration file of the server that does not run (default: burnline.yaml in this folder, if there is one)")
	cmd.PersistentFlags().StringVar(&c.data, "data", "", "its data folder (default ./data)")
}

// reach asks a running server, or else does the same in the state of one that does not run; the answer is "" then.
func (c *accessClient) reach(cmd *cobra.Command, method, path string, in, into any, stopped func(*app.AccessFolder) error) (string, error) {
	if c.server == "" {
		return "", findingsOf(cmd, c.folder(cmd, stopped))
	}
	if in == nil {
		return c.ask(cmd, method, path, nil, into)
	}
	return c.send(cmd, method, path, in, into)
}

// folder runs a change in the state of a server that does not run.
func (c *accessClient) folder(cmd *cobra.Command, do func(*app.AccessFolder) error) (err error) {
	f, err := app.OpenAccess(cmd.Context(), c.config, c.data, c.first)
	if err != nil {
		return fmt.Errorf("%w; where the server runs, write --server http://… with --token-file of an admin's token", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if f.Made != "" {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "made a new state in %s; the server has to use this data folder\n", f.Made)
	}
	return do(f)
}

// findings prints what is wrong with what was asked for, all of it.
func findingsOf(cmd *cobra.Command, err error) error {
	var found slo.Problems
	switch {
	case errors.As(err, &found):
		for _, p := range found {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), p)
		}
		return &exitError{code: exitFindings}
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrTaken), errors.Is(err, auth.ErrLastAdmin):
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), err)
		return &exitError{code: exitFindings}
	}
	return err
}

func usersCommand() *cobra.Command {
	c := accessClient{serverClient: serverClient{tree: "/api/v1/users"}}
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Say who may sign in: add, list, set and remove users",
		Long: `Changes who may sign in with a password. Without --server it changes the state of a server that does not run, as before
its first start; with --server it asks a running one, as an admin. A viewer sees everything, an editor changes what
concerns the own teams, an admin does everything. docs/access.md has the rest.

Exit code: 0 when it is done, 1 when it is refused, 2 when it can't be done.`,
	}
	c.registerAccess(cmd)
	cmd.AddCommand(c.addUserCommand(), c.listUsersCommand(), c.setUserCommand(), c.removeUserCommand())
	return ofItsCommands(cmd)
}

// userFlags are what is said of a user.
type userFlags struct {
	role, display, passwordFile string
	teams                       []string
	newPassword, ifMissing      bool
}

func (f *userFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.role, "role", "", "viewer, editor or admin")
	cmd.Flags().StringSliceVar(&f.teams, "team", nil, "a team whose things an editor may change, * for all; may be repeated")
	cmd.Flags().StringVar(&f.display, "display", "", "how pages call them")
	cmd.Flags().StringVar(&f.passwordFile, "password-file", "", "file that holds the password, - for standard input")
}

// input is what the flags ask for. A password that is made here is returned too.
func (f *userFlags) input(cmd *cobra.Command, name string, add bool) (in auth.UserInput, made string, _ error) {
	in.Name = name
	if add || cmd.Flags().Changed("role") {
		role := auth.Role(f.role)
		in.Role = &role
	}
	if cmd.Flags().Changed("team") {
		in.Teams = &f.teams
	}
	if cmd.Flags().Changed("display") {
		in.Display = &f.display
	}
	switch {
	case f.passwordFile != "":
		text, err := readSecret(cmd, f.passwordFile)
		if err != nil {
			return in, "", err
		}
		in.Password = &text
	case add || f.newPassword:
		made = strings.ToLower(rand.Text())
		in.Password = &made
	}
	return in, made, nil
}

// readSecret reads a secret from a file, or from standard input for -.
func readSecret(cmd *cobra.Command, path string) (string, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), 1<<16))
		return strings.TrimRight(string(text), "\r\n"), err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

func (c *accessClient) addUserCommand() *cobra.Command {
	var f userFlags
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Let a user in; without --password-file a password is made and printed this once",
		Example: "  burnline users add ada --role admin\n  burnline users add grace --role editor --team payments --password-file grace.txt --server https://burnline.example.com",
		Args:    oneArgument("burnline users add ada --role admin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.ifMissing && c.server != "" {
				return errors.New("--if-missing is for the state of a server that does not run; leave --server out")
			}
			c.first = true
			return c.keepUser(cmd, &f, args[0], true)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.ifMissing, "if-missing", false, "change nothing where somebody has the name, for steps that run at each start")
	return cmd
}

func (c *accessClient) setUserCommand() *cobra.Command {
	var f userFlags
	cmd := &cobra.Command{
		Use:     "set NAME",
		Short:   "Change a user; what is left out stays, and a change of role, teams or password ends the sessions",
		Example: "  burnline users set grace --role viewer\n  burnline users set ada --new-password",
		Args:    oneArgument("burnline users set grace --role viewer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.keepUser(cmd, &f, args[0], false)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.newPassword, "new-password", false, "make a new password and print it this once")
	return cmd
}

// keepUser adds or changes a user.
func (c *accessClient) keepUser(cmd *cobra.Command, f *userFlags, name string, add bool) error {
	in, made, err := f.input(cmd, name, add)
	if err != nil {
		return err
	}
	var u web.UserJSON
	there := false
	method, path := http.MethodPost, ""
	if !add {
		method, path = http.MethodPatch, "/"+url.PathEscape(name)
	}
	answer, err := c.reach(cmd, method, path, in, &u, func(at *app.AccessFolder) error {
		act, change := "change a user", at.SetUser
		if add {
			act, change = "let a user in", at.AddUser
		}
		kept, err := change(cmd.Context(), in)
		if there = f.ifMissing && errors.Is(err, auth.ErrTaken); there {
			return nil
		}
		if err != nil {
			return err
		}
		u = web.UserJSON{Name: kept.Name, Display: kept.Display, Role: kept.Role, Teams: kept.Teams, Local: kept.Local(), Created: kept.Created, Changed: kept.Changed}
		return at.Note(cmd.Context(), act, kept.Name, string(kept.Role)+" of "+strings.Join(kept.Teams, ", "))
	})
	if err != nil {
		return err
	}
	if there {
		return c.print(cmd, name+" is there already; nothing was changed\n")
	}
	if c.output == "json" {
		return c.printJSON(cmd, answer, u)
	}
	text := fmt.Sprintf("%s may sign in: %s%s\n", u.Name, u.Role, ofTeams(u.Teams))
	if made != "" {
		text += "The password is " + made + " and is shown this once.\n"
	}
	return c.print(cmd, text)
}

// ofTeams names teams.
func ofTeams(teams []string) string {
	if len(teams) == 0 {
		return ""
	}
	return " of " + strings.Join(teams, ", ")
}

// printJSON prints the server's answer, or what stands in its place.
func (c *accessClient) printJSON(cmd *cobra.Command, answer string, value any) error {
	if answer == "" {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		answer = string(data)
	}
	return c.print(cmd, answer+"\n")
}

func (c *accessClient) listUsersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all users",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all web.UsersJSON
			answer, err := c.reach(cmd, http.MethodGet, "", nil, &all, func(f *app.AccessFolder) error {
				users, err := f.Users(cmd.Context())
				for _, u := range users {
					all.Users = append(all.Users, web.UserJSON{Name: u.Name, Display: u.Display, Role: u.Role, Teams: u.Teams, Local: u.Local(), Created: u.Created, Changed: u.Changed})
				}
				return err
			})
			if err != nil {
				return err
			}
			if c.output == "json" {
				return c.printJSON(cmd, answer, all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, u := range all.Users {
				way := "password"
				if !u.Local {
					way = "OIDC"
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, u.Role, strings.Join(u.Teams, ","), way)
			}
			return w.Flush()
		},
	}
}

func (c *accessClient) removeUserCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Let a user in no more; sessions and own tokens end",
		Args:  oneArgument("burnline users remove grace"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := c.reach(cmd, http.MethodDelete, "/"+url.PathEscape(args[0]), nil, nil, func(f *app.AccessFolder) error {
				if err := f.RemoveUser(cmd.Context(), args[0]); err != nil {
					return err
				}
				return f.Note(cmd.Context(), "remove a user", args[0], "")
			})
			if err != nil {
				return err
			}
			return c.print(cmd, args[0]+" may not sign in any more.\n")
		},
	}
}
