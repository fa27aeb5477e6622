package auth

import (
	"strings"
	"testing"
)

func TestAPasswordIsKeptAsAHashThatTellsNothing(t *testing.T) {
	const password = "correct horse battery staple"
	a, b := HashPassword(password), HashPassword(password)
	if a == b || strings.Contains(a, "horse") || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes are %s and %s", a, b)
	}
	for _, c := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"the password", a, password, true},
		{"another one", a, password + ".", false},
		{"none", a, "", false},
		{"a hash with one character changed", a[:len(a)-2] + "AA", password, false},
		{"a text that is no hash", password, password, false},
		{"no hash at all", "", "", false},
		// Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
		{"a hash of the reference implementation", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password", true},
	} {
		if got := Verify(c.hash, c.password); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

func FuzzPHC(f *testing.F) {
	f.Add(HashPassword("correct horse"))
	f.Add("$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePHC(text)
		if err != nil {
			return
		}
		if p.memory > mostMemory || p.passes > mostPasses || p.passes == 0 || p.lanes == 0 || len(p.sum) != hashLength {
			t.Errorf("%q takes %d KiB and %d passes", text, p.memory, p.passes)
		}
		if again, err := parsePHC(p.String()); err != nil || again.String() != p.String() {
			t.Errorf("%q is written as %q, which is read otherwise: %v", text, p.String(), err)
		}
	})
}
