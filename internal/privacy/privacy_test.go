package privacy

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

func hasher(t *testing.T, key string) *Hasher {
	t.Helper()
	h, err := New([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAHashTellsCustomersApartAndNamesNone(t *testing.T) {
	h := hasher(t, strings.Repeat("k", 32))
	if first, sum := h.Hash("alice"), h.Sum64("alice"); first != h.Hash("alice") || sum != h.Sum64("alice") {
		t.Error("one customer has two hashes")
	}
	if h.Hash("alice") == h.Hash("bob") || h.Sum64("alice") == h.Sum64("bob") {
		t.Error("two customers have one hash")
	}
	if got := h.Hash("alice"); strings.Contains(got, "alice") || !IsHash(got) {
		t.Errorf("the hash of alice is %q", got)
	}
	if h.Hash("") != "" || h.Sum64("") != 0 {
		t.Error("nobody has a hash")
	}
}

func TestTheHashIsHMACSHA256SoThatOthersCanComputeIt(t *testing.T) {
	// printf alice | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
	const sum = "6664a42048c6d6d7fe3657e39b14155c"
	if got := hasher(t, strings.Repeat("k", 32)).Hash("alice"); got != "hmac:"+sum {
		t.Errorf("got %s, want hmac:%s", got, sum)
	}
}

func TestAnotherKeyGivesOtherHashes(t *testing.T) {
	a, b := hasher(t, strings.Repeat("a", 32)), hasher(t, strings.Repeat("b", 32))
	if a.Hash("alice") == b.Hash("alice") || a.Sum64("alice") == b.Sum64("alice") {
		t.Error("the key does not matter")
	}
}

func TestHashesAreTheSameFromManyGoroutines(t *testing.T) {
	h := hasher(t, strings.Repeat("k", 32))
	want := h.Hash("alice")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				if got := h.Hash("alice"); got != want {
					t.Errorf("got %s, want %s", got, want)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestIsHashKnowsHashesOnly(t *testing.T) {
	for s, want := range map[string]bool{
		"hmac:0123456789abcdef0123456789abcdef": true,
		"hmac:0123456789ABCDEF0123456789abcdef": false,
		"hmac:0123":                             false,
		"hmac:0123456789abcdef0123456789abcdeg": false,
		"alice":                                 false,
		"":                                      false,
	} {
		if IsHash(s) != want {
			t.Errorf("IsHash(%q) is %t", s, !want)
		}
	}
}

func TestTheKeyIsMadeOnceAndStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.key")
	var hashes [8]string
	var all sync.WaitGroup
	for i := range hashes { // several starts at the same time
		all.Go(func() {
			h, err := OpenOrMake(path)
			if err != nil {
				t.Error(err)
				return
			}
			hashes[i] = h.Hash("alice")
		})
	}
	all.Wait()
	for _, got := range hashes {
		if got != hashes[0] {
			t.Errorf("two keys are in use: %v", hashes)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the key is %v", info.Mode())
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("files left: %v", files)
	}
}

func TestAKeyThatIsTooShortIsRefusedAndNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.key")
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenOrMake(path); err == nil || !strings.Contains(err.Error(), "shorter than 32 bytes") {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "short\n" {
		t.Errorf("the file holds %q now", data)
	}
}

func TestRedactingReachesEveryAttribute(t *testing.T) {
	h := hasher(t, strings.Repeat("k", 32))
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	event, link := span.Events().AppendEmpty(), span.Links().AppendEmpty()
	all := []interface{ PutStr(k, v string) }{
		rs.Resource().Attributes(), ss.Scope().Attributes(), span.Attributes(), event.Attributes(), link.Attributes(),
	}
	for _, attrs := range all {
		attrs.PutStr("enduser.id", "alice")
		attrs.PutStr("user.email", "alice@example.com")
		attrs.PutStr("route", "/buy")
	}
	span.Attributes().PutInt("user.id", 42)
	Redactor{Hasher: h, Hash: []string{"enduser.id", "user.id"}, Remove: []string{"user.email"}}.Traces(td)
	var m ptrace.JSONMarshaler
	out, err := m.MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if n := strings.Count(text, h.Hash("alice")); n != len(all) {
		t.Errorf("%d of %d places have the hash: %s", n, len(all), text)
	}
	for _, secret := range []string{`"alice"`, "alice@", `"42"`} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is still there: %s", secret, text)
		}
	}
	if strings.Count(text, "/buy") != len(all) || !strings.Contains(text, h.Hash("42")) {
		t.Errorf("what should stay is gone: %s", text)
	}
}
