package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
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

// register adds the flags that all its commands have.
func (c *serverClient) register(cmd *cobra.Command) {
	c.registerServer(cmd)
	cmd.PersistentFlags().StringVarP(&c.output, "output", "o", "text", "text for people, or json for programs")
}

// registerServer adds the flags that say which server is asked, and who asks.
func (c *serverClient) registerServer(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&c.server, "server", "http://127.0.0.1:9900", "address of the server")
	cmd.PersistentFlags().StringVar(&c.tokenFile, "token-file", "", "file that holds the token to sign in with (default: the variable "+tokenVariable+")")
}

// ask sends a request, decodes the answer into into where it is given, and
// returns it as it came. What the server refuses is printed, and exits with 1.
func (c *serverClient) ask(cmd *cobra.Command, method, path string, body io.Reader, into any) (string, error) {
	if c.output != "text" && c.output != "json" {
		return "", fmt.Errorf("-o %s: write text or json", c.output)
	}
	req, err := http.NewRequestWithContext(cmd.Context(), method, strings.TrimRight(c.server, "/")+c.tree+path, body)
	if err != nil || req.URL.Host == "" {
		return "", fmt.Errorf("--server %s: write an address such as http://127.0.0.1:9900", c.server)
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

// token is what the client signs in with; "" for nothing.
func (c *serverClient) token(cmd *cobra.Command) (string, error) {
	if c.tokenFile == "" {
		return os.Getenv(tokenVariable), nil
	}
	return readSecret(cmd, c.tokenFile)
}

// do sends a request with the token. It follows no redirect: a token is for the server that was
// named.
func (c *serverClient) do(cmd *cobra.Command, req *http.Request, timeout time.Duration) (*http.Response, error) {
	token, err := c.token(cmd)
	if err != nil {
		return nil, err
	}
	if token = strings.TrimSpace(token); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w; is burnline serve running there, or is --server another one", err)
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
