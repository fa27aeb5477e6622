package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness"
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
	answering := func(status int) string { // the configuration of a backend that answers everything so
		backend := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		return fmt.Sprintf("metrics: {remote: {write_url: '%s/api/v1/write', query_url: '%[1]s'}}", backend)
	}

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
		{name: "the SLO folder that is named does not exist",
			config: "slos: [promises]", code: exitFindings, says: []string{"burnline.yaml:1", "promises does not exist", "create it"}},
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
			args: []string{"--data", "burnline.yaml"}, config: "{}", code: exitCannotRun, says: []string{"burnline.yaml", "not a directory", "--data"}},
		{name: "the data folder can't be written",
			args: []string{"--data", "/proc/self/fdinfo"}, code: exitCannotRun, says: []string{"/proc/self/fdinfo", "not writable", "--data"}},
		{name: "the address of the remote backend is none",
			config: "metrics: {remote: {write_url: 'http://127.0.0.1:1/api/v1/write', query_url: '127.0.0.1:1'}}", code: exitFindings, says: []string{"burnline.yaml:1", "query_url", "http://prometheus:9090"}},
		{name: "the remote backend lets nobody in",
			config: answering(http.StatusUnauthorized), code: exitCannotRun, says: []string{"401", "bearer_token_file"}},
		{name: "the remote backend forbids it",
			config: answering(http.StatusForbidden), code: exitCannotRun, says: []string{"403", "bearer_token_file"}},
		{name: "the path of the remote backend is wrong",
			config: answering(http.StatusNotFound), code: exitCannotRun, says: []string{"404", "check the path"}},
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
// a running one, which keeps its metrics there or elsewhere.
func TestASecondServerOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	backend := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	for name, config := range map[string]string{
		"metrics in the folder":      "{}",
		"metrics in another program": fmt.Sprintf("metrics: {remote: {write_url: '%s/api/v1/write', query_url: '%[1]s'}}", backend),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &story{t: t, dir: t.TempDir(), web: freeAddress(t)}
			s.write("burnline.yaml", config)
			serve := func(web string) *harness.Process {
				return s.process("serve", "--config", filepath.Join(s.dir, "burnline.yaml"), "--listen", web,
					"--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0")
			}
			s.server = serve(s.web)
			t.Cleanup(func() { s.server.Kill() })
			s.start()
			second := serve("127.0.0.1:0")
			if err := second.Start(); err != nil {
				t.Fatal(err)
			}
			code, err := second.Wait(s.soon())
			if err != nil || code != exitCannotRun {
				t.Errorf("the second server ends with %d (%v), want %d", code, err, exitCannotRun)
			}
			want := fmt.Sprintf("burnline: another Burnline (pid %d) uses %s; stop it or choose another folder with --data",
				s.server.PID(), filepath.Join(s.dir, "data"))
			if said := strings.TrimSpace(second.Output()); said != want {
				t.Errorf("the second server says %q, want %q", said, want)
			}
		})
	}
}
