package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWhatANewcomerGetsWrongEndsInOneClearLine starts the real program wrongly,
// in every way that the README's reader is likely to, and reads the one line.
func TestWhatANewcomerGetsWrongEndsInOneClearLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	port := taken.Addr().String()
	me := fmt.Sprintf("pid %d", os.Getpid())

	for _, c := range []struct {
		name   string
		config string
		slo    string
		args   []string
		code   int
		says   []string
	}{
		{name: "the configuration file does not exist",
			args: []string{"--config", "nowhere.yaml"}, code: exitCannotRun, says: []string{"nowhere.yaml", "no such file"}},
		{name: "the configuration is not YAML",
			config: "server: [\n", code: exitFindings, says: []string{"burnline.yaml:2", "YAML"}},
		{name: "a key of the configuration is misspelt",
			config: "server: {lisen: 127.0.0.1:0}", code: exitFindings, says: []string{"burnline.yaml:1", "lisen", "listen"}},
		{name: "an SLO has an unknown key",
			slo: strings.Replace(shortSLO, "journey:", "jorney:", 1), code: exitFindings, says: []string{"slos/shop.yaml:8", "jorney", "journey"}},
		{name: "the routing key is too short",
			config: "alerting: {receivers: [{name: oncall, pagerduty_configs: [{routing_key: abc}]}]}", code: exitFindings,
			says: []string{"burnline.yaml:1", "32", "Integration Key"}},
		{name: "the port of the web server is taken",
			args: []string{"--listen", port}, code: exitCannotRun, says: []string{port, "in use", me, "--listen"}},
		{name: "the port of OTLP is taken",
			args: []string{"--otlp-grpc", port}, code: exitCannotRun, says: []string{port, "in use", me, "--otlp-grpc"}},
		{name: "the data folder is a file",
			args: []string{"--data", "burnline.yaml"}, config: "{}", code: exitCannotRun, says: []string{"burnline.yaml"}},
		{name: "the remote backend is away",
			config: "metrics: {remote: {write_url: 'http://127.0.0.1:1/api/v1/write', query_url: 'http://127.0.0.1:1'}}", code: exitCannotRun,
			says: []string{"127.0.0.1:1", "refused"}},
		{name: "PostgreSQL is away",
			config: "state: {dsn: 'postgres://burnline@127.0.0.1:1/burnline'}", code: exitCannotRun, says: []string{"PostgreSQL", "127.0.0.1:1"}},
		{name: "an unknown flag",
			args: []string{"--prot", "1"}, code: exitCannotRun, says: []string{"--prot"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"burnline.yaml": c.config, "slos/shop.yaml": c.slo} {
				if text == "" {
					continue
				}
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			args := append([]string{"serve", "--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0"}, c.args...)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // only a server that starts after all takes that long
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), childEnv+"=1")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			_ = cmd.Run() // the exit code is what counts
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			said := strings.TrimSpace(stderr.String())
			if strings.Count(said, "\n") > 0 {
				t.Errorf("wanted one line, got:\n%s", said)
			}
			for _, part := range c.says {
				if !strings.Contains(said, part) {
					t.Errorf("%q does not say %q", said, part)
				}
			}
		})
	}
}

// TestASecondServerOnTheSameDataIsRefused starts a server on the data folder of
// a running one.
func TestASecondServerOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	second := exec.CommandContext(t.Context(), os.Args[0], "serve", "--data", filepath.Join(s.dir, "data"),
		"--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0")
	second.Dir, second.Env = t.TempDir(), append(os.Environ(), childEnv+"=1")
	out, err := second.CombinedOutput()
	if err == nil {
		t.Fatal("a second server runs on the same data")
	}
	said := strings.TrimSpace(string(out))
	if strings.Count(said, "\n") > 0 || !strings.Contains(said, fmt.Sprintf("pid %d", s.server.PID())) {
		t.Errorf("wanted one line that names pid %d, got:\n%s", s.server.PID(), said)
	}
}
