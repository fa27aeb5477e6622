package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/redact"
)

// serverClient asks a running server for one part of its API.
type serverClient struct {
	// tree is the part's path, such as /api/v1/corrections.
	tree           string
	server, output string
	// tokenFile holds the token that it brings; "" takes the environment's.
	tokenFile string
}

// tokenVariable is the variable of the environment that may hold the token.
const tokenVariable = "BURNLINE_TOKEN"

// serverVariable is the variable of the environment that may hold the server's address, and localServer where a server
// listens that was told nothing.
const (
	serverVariable = "BURNLINE_SERVER"
	localServer    = "http://127.0.0.1:9900"
)

// serverDefault describes what is asked where no flag names a server.
const serverDefault = " (default: the variable " + serverVariable + ", else " + localServer + ")"

// presetServer is the server that is asked where no flag names one.
func presetServer() string { return cmp.Or(strings.TrimSpace(os.Getenv(serverVariable)), localServer) }

// namedBy is what names the server: the flag, or the variable where the flag is not there.
func namedBy(cmd *cobra.Command, flag string) string {
	if !cmd.Flags().Changed(flag) && strings.TrimSpace(os.Getenv(serverVariable)) != "" {
		return serverVariable
	}
	return "--" + flag
}

// register adds the flags that all its commands have.
func (c *serverClient) register(cmd *cobra.Command) {
	c.registerServer(cmd)
	cmd.PersistentFlags().StringVarP(&c.output, "output", "o", "text", "text for people, or json for programs")
}

// registerServer adds the flags that say which server is asked, and who asks.
func (c *serverClient) registerServer(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&c.server, "server", presetServer(), "address of the server"+serverDefault)
	cmd.PersistentFlags().Lookup("server").DefValue = "" // the description says it
	registerToken(cmd, &c.tokenFile)
}

// registerToken adds the flag that says who asks.
func registerToken(cmd *cobra.Command, file *string) {
	cmd.PersistentFlags().StringVar(file, "token-file", "", "file that holds the token to sign in with (default: the variable "+tokenVariable+")")
}

// actorFlag adds --by, which says who acts: a server where people sign in knows that by itself.
func actorFlag(cmd *cobra.Command, by *string, what string) {
	cmd.Flags().StringVar(by, "by", "", what+" (required where nobody signs in)")
}

// authorFlag adds --by for a command that called it --author once, and takes that too.
func authorFlag(cmd *cobra.Command, by *string, what string) {
	actorFlag(cmd, by, what)
	cmd.Flags().StringVar(by, "author", "", "")
	cmd.Flags().Lookup("author").Hidden = true
}

// ask sends a request, decodes the answer into into where it is given, and
// returns it as it came. What the server refuses is printed, and exits with 1.
func (c *serverClient) ask(cmd *cobra.Command, method, path string, body io.Reader, into any) (string, error) {
	if c.output != "text" && c.output != "json" {
		return "", fmt.Errorf("-o %s: write text or json", c.output)
	}
	req, err := c.request(cmd, method, c.tree+path, body)
	if err != nil {
		return "", err
	}
	resp, err := c.do(cmd, req, 30*time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return "", fmt.Errorf("read the server's answer: %w", err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return "", refused(cmd, resp.Status, answer)
	}
	if into == nil {
		return string(answer), nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return "", fmt.Errorf("%s doesn't answer as a burnline server does: %w", c.server, err)
	}
	return string(answer), nil
}

// request makes a request to the server; what is no address is said of what named it.
func (c *serverClient) request(cmd *cobra.Command, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(cmd.Context(), method, strings.TrimRight(c.server, "/")+path, body)
	if err != nil || req.URL.Host == "" {
		return nil, fmt.Errorf("%s %s: write an address such as %s", namedBy(cmd, "server"), c.server, localServer)
	}
	return req, nil
}

// send is ask with a value as the body.
func (c *serverClient) send(cmd *cobra.Command, method, path string, in, into any) (string, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	return c.ask(cmd, method, path, bytes.NewReader(data), into)
}

// tell prints what became of a request: the answer as it came with -o json, else in words.
func (c *serverClient) tell(cmd *cobra.Command, answer string, err error, words func() error) error {
	switch {
	case err != nil:
		return err
	case c.output == "json":
		return c.print(cmd, strings.TrimRight(answer, "\n")+"\n")
	}
	return words()
}

// actedAs says who acted, where that is somebody else than --by names: who signs in is who acts.
func (c *serverClient) actedAs(cmd *cobra.Command, written, kept string) {
	switch written, kept = cell(written), cell(kept); {
	case kept == "" || written == kept:
	case written == "":
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "Done as %s, who signed in.\n", kept)
	default:
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "Done as %s, who signed in; --by %s is not kept.\n", kept, written)
	}
}

// somebody reports whether a server can know who acts: a name is written, or somebody signs in.
func (c *serverClient) somebody(cmd *cobra.Command, written string) (bool, error) {
	token, err := c.token(cmd)
	return strings.TrimSpace(written) != "" || token != "", err
}

// token is what the client signs in with; "" for nothing.
func (c *serverClient) token(cmd *cobra.Command) (string, error) {
	return readToken(cmd, c.tokenFile)
}

// readToken reads a token from a file, or where none is named from the environment.
func readToken(cmd *cobra.Command, file string) (string, error) {
	token, err := os.Getenv(tokenVariable), error(nil)
	if file != "" {
		token, err = readSecret(cmd, file)
	}
	return strings.TrimSpace(token), err
}

// do sends a request with the token. It follows no redirect: a token is for the server that was
// named.
func (c *serverClient) do(cmd *cobra.Command, req *http.Request, timeout time.Duration) (*http.Response, error) {
	token, err := c.token(cmd)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w; is burnline serve running there, or is %s another one", redact.Error(err), namedBy(cmd, "server"))
	}
	return resp, nil
}

// refused prints why a server refuses, all of it; it is no fault of the
// request where the server itself fails.
func refused(cmd *cobra.Command, status string, answer []byte) error {
	var why struct{ Error, Detail string }
	if json.Unmarshal(answer, &why) != nil || why.Error == "" {
		return fmt.Errorf("the server answers %s: %.300s", status, answer)
	}
	if strings.HasPrefix(status, "5") {
		return fmt.Errorf("%s %s", why.Error, why.Detail)
	}
	_, _ = fmt.Fprintln(cmd.ErrOrStderr(), why.Error)
	for line := range strings.Lines(why.Detail) {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), strings.TrimSpace(line))
	}
	return &exitError{code: exitFindings}
}

func (c *serverClient) print(cmd *cobra.Command, text string) error {
	_, err := io.WriteString(cmd.OutOrStdout(), text)
	return err
}

// cell keeps what people wrote on one line of a table.
func cell(text string) string { return strings.Join(strings.Fields(text), " ") }

// escapedID is an SLO's ID as a part of an address.
func escapedID(id string) string {
	parts := strings.Split(id, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
