package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"burnline/internal/harness/pagerduty"
)

// forwarded is a server whose traces go on to another one.
type forwarded struct {
	*story
	otlp    string
	backend *story
}

// newForwarded starts two servers, the first with the pipeline of examples/forward.
func newForwarded(t *testing.T) forwarded {
	t.Helper()
	f := forwarded{story: newPlace(t, pagerduty.Options{}), otlp: freeAddress(t), backend: newPlace(t, pagerduty.Options{})}
	f.backend.configure("")
	f.backend.start()
	pipeline, err := os.ReadFile("../../examples/forward/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f.write("collector.yaml", string(pipeline))
	f.write("burnline.yaml", fmt.Sprintf("server: {listen: %q}\ncollector: {otlp: {grpc: %q, http: %q}, config: collector.yaml}\n", f.web, f.grpc, f.otlp))
	f.server.Env = append(f.server.Env, "FORWARD_TO="+f.backend.grpc)
	f.start()
	return f
}

// send sends a failed purchase of a customer over OTLP.
func (f forwarded) send(id byte, customer string) {
	f.t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetTraceID(pcommon.TraceID{15: id})
	s.SetSpanID(pcommon.SpanID{7: id})
	s.SetName("POST /buy")
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Second)))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	s.Status().SetCode(ptrace.StatusCodeError)
	s.Status().SetMessage("card gateway timed out")
	s.Attributes().PutStr("enduser.id", customer)
	s.Attributes().PutStr("user.email", customer+"@example.com")
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		f.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(f.soon(), http.MethodPost, "http://"+f.otlp+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		f.t.Fatalf("the traces are answered with %s", resp.Status)
	}
}

// ask returns the body of an answer of a story's server.
func ask(s *story, path string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.soon(), http.MethodGet, "http://"+s.web+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(body)
}

// forget runs burnline traces forget.
func (f forwarded) forget(customer string) string {
	f.t.Helper()
	var stdout, stderr bytes.Buffer
	args := []string{"traces", "forget", "--server", "http://" + f.web, "--customer", customer}
	if code := run(f.soon(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		f.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), code, &stdout, &stderr)
	}
	return stdout.String()
}

// Traces are kept without who the customer is, found by the customer all the same, read by
// Grafana, forwarded by OTLP, and deleted for good.
func TestTracesAreKeptForwardedFoundAndForgotten(t *testing.T) {
	t.Parallel()
	f := newForwarded(t)
	f.send(1, "alice")
	f.send(2, "bob")
	found := func(s *story, query string) int { return strings.Count(ask(s, "/api/v1/traces?"+query), `"id":`) }
	f.eventually("both traces are kept", func() bool { return found(f.story, "service=shop&status=error") == 2 })
	f.eventually("the backend has them too", func() bool { return found(f.backend, "service=shop&status=error") == 2 })

	if got := found(f.story, "attr=enduser.id%3Dalice"); got != 1 {
		t.Errorf("%d traces are found by the customer", got)
	}
	body := ask(f.story, "/api/v1/traces/1")
	if strings.Contains(body, "alice") || strings.Contains(body, "user.email") || !strings.Contains(body, `"enduser.id":"hmac:`) {
		t.Errorf("the kept trace is %s", body)
	}
	if body = ask(f.story, "/tempo/api/search?q=%7B+resource.service.name+%3D+%22shop%22+%26%26+status+%3D+error+%7D"); strings.Count(body, `"traceID"`) != 2 {
		t.Errorf("Grafana finds %s", body)
	}
	if body = ask(f.story, "/traces/1"); !strings.Contains(body, "POST /buy of shop took") || !strings.Contains(body, "card gateway timed out") {
		t.Error("the page does not say what happened")
	}

	if out := f.forget("alice"); out != "1 trace is deleted.\n" {
		t.Errorf("forgetting says %q", out)
	}
	if out := f.forget("alice"); out != "No kept trace names this customer.\n" {
		t.Errorf("again it says %q", out)
	}
	f.eventually("both deletions are in the log", func() bool {
		return strings.Count(f.server.Output(), "traces of a customer were deleted on demand") == 2
	})
	if log := f.server.Output(); strings.Contains(log, "alice") {
		t.Errorf("the log names the customer:\n%s", log)
	}
	f.server.Kill()
	f.start()
	if found(f.story, "attr=enduser.id%3Dalice") != 0 || found(f.story, "attr=enduser.id%3Dbob") != 1 {
		t.Error("after a kill it is otherwise")
	}
	key, err := os.Stat(filepath.Join(f.dir, "data", "customers.key"))
	if err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v (%v)", key, err)
	}
}
