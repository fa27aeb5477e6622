package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"burnline/alerting/webhook"
)

// checkPython runs what pages show in Python: how a receiver knows that a webhook is Burnline's own.
func checkPython(t *testing.T, s snippet) {
	t.Helper()
	body := `{"status":"firing"}`
	now, old := time.Now(), time.Now().Add(-10*time.Minute)
	program := s.text + fmt.Sprintf(`
def look(secret, at, signature, body):
    print(genuine(secret, {"X-Burnline-Timestamp": at, "X-Burnline-Signature": signature}, body))

look(b"key", "%[1]d", "%[2]s", b'%[3]s')
look(b"other", "%[1]d", "%[2]s", b'%[3]s')
look(b"key", "%[1]d", "%[2]s", b'another')
look(b"key", "%[4]d", "%[5]s", b'%[3]s')
`, now.Unix(), webhook.Sign("key", now, []byte(body)), body, old.Unix(), webhook.Sign("key", old, []byte(body)))
	out, err := exec.CommandContext(t.Context(), "python3", "-c", program).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", s, err, out)
	}
	if got := strings.Fields(string(out)); strings.Join(got, " ") != "True False False False" {
		t.Errorf("%s takes for genuine %v: a signed message, one of another key, one that was changed, and one of ten minutes ago", s, got)
	}
}
