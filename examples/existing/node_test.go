package existing

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"burnline/internal/auth"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// TestAServiceInNodeCounts installs the service as its lock file says, lets customers order, and ends it.
func TestAServiceInNodeCounts(t *testing.T) {
	t.Parallel()
	b := burnline(t, "sdk/slos.yaml")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "service.js"} {
		write(t, filepath.Join(dir, name), read(t, "sdk/node/"+name))
	}
	// What was fetched once is kept by npm, and nothing that is installed runs a program of its own.
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=5")
	install.Dir = dir
	if said, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install the service: %v\n%s", err, said)
	}

	service := runNode(t, dir, b, token)
	for _, card := range []string{"good", "refused", "good", "good"} {
		service.buy(card)
	}
	service.ends(0)
	want := slo.Counts{Good: 3, Total: 4}
	for _, id := range []string{"checkout/orders", "checkout/order-requests"} {
		patience.Until(t, id+" has what happened", func() bool { return b.countedBy(id) == want })
	}
	if !b.has(`orders_total{job="checkout",deployment_environment_name="prod",outcome="error"} == 1`) || !b.counted(auth.FeedOTLPHTTP) {
		t.Error("its counter is another one, or it is not visible who sent")
	}

	refused := runNode(t, dir, b, "wrong-0123456789abcdef")
	refused.buy("good")
	if said := refused.ends(1); !strings.Contains(said, "401") && !strings.Contains(said, "Unauthorized") {
		t.Errorf("with another token it says:\n%s", said)
	}
}

// node is a running service.
type node struct {
	t    *testing.T
	cmd  *exec.Cmd
	at   string
	said chan string
}

// runNode starts the service with the variables of the example.
func runNode(t *testing.T, dir string, b running, secret string) node {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "service.js")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), variables(t, "sdk/otel.env", "burnline:4318", b.at.OTLPHTTP)...),
		"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20"+secret,
		// It sends when it ends, and a busy machine may take its time over it.
		"OTEL_METRIC_EXPORT_INTERVAL=120000", "OTEL_EXPORTER_OTLP_TIMEOUT=60000", "OTEL_BSP_EXPORT_TIMEOUT=60000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	port, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		t.Fatalf("it says %q, %v", first, err)
	}
	said := make(chan string, 1)
	go func() {
		var all strings.Builder
		_, _ = lines.WriteTo(&all) // until it ends
		said <- all.String()
	}()
	return node{t, cmd, "http://127.0.0.1:" + port, said}
}

// buy is one customer.
func (n node) buy(card string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, n.at+"/buy?card="+card, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// ends stops the service, and returns what it said.
func (n node) ends(want int) string {
	n.t.Helper()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Fatal(err)
	}
	said := patience.Receive(n.t, "it ends", n.said)
	_ = n.cmd.Wait() // the exit code says it
	if code := n.cmd.ProcessState.ExitCode(); code != want {
		n.t.Errorf("it ends with %d, want %d:\n%s", code, want, said)
	}
	return said
}
