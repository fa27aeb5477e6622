package app

import (
	"strings"
	"testing"
)

func TestWhoGetsInIsCheckedBeforeAnythingStarts(t *testing.T) {
	for _, c := range []struct {
		name, file string
		// want are parts of what is found, in order; none where nothing is.
		want []string
	}{
		{"the loopback interface is open without configuration", `{listen: 127.0.0.1:9900}`, nil},
		{"so is that of IPv6", `{listen: "[::1]:9900"}`, nil},
		{"the network is refused without sign-in", `{listen: 0.0.0.0:9900}`, []string{"server.auth: 0.0.0.0:9900 is reached from the network", "auth: {mode: local}", "burnline users add"}},
		{"so is every address", `{listen: ":9900"}`, []string{"server.auth: :9900 is reached from the network"}},
		{"and a host's name", `{listen: burnline.example.com:9900}`, []string{"is reached from the network"}},
		{"also where somebody writes open", `{listen: 10.0.0.7:9900, auth: {mode: open}}`, []string{"is reached from the network"}},
		{"with sign-in and without TLS there is a warning", `{listen: 0.0.0.0:9900, auth: {mode: local}}`, []string{"server.tls", "unencrypted"}},
		{"with a proxy that has TLS there is none", `{listen: 0.0.0.0:9900, external_url: https://b.example.com, auth: {mode: local}}`, nil},
		{"a mode that there is not", `{auth: {mode: ldap}}`, []string{"server.auth.mode: there is no mode ldap", "write open, local or oidc"}},
		{"a provider is missing", `{auth: {mode: oidc}}`, []string{"server.auth.oidc: the mode is oidc, and no provider is named"}},
		{"a provider without effect", `{auth: {mode: local, oidc: {issuer: "https://a.example"}}}`, []string{"it has no effect in this mode"}},
		{"all that is wrong with a provider is said at once", `{auth: {mode: oidc, oidc: {issuer: "login", redirect_url: "https://b.example.com/x", roles: {a: root}}}}`,
			[]string{"oidc.issuer", "oidc.client_id: it is empty", "nothing answers at /x", "there is no role root"}},
		{"nobody would get in", `{auth: {mode: oidc, oidc: {issuer: "https://a.example", client_id: b}}}`, []string{"no group gives a role"}},
		{"a first admin", `{auth: {mode: local, first_admin: {password_file: admin-password}}}`, nil},
		{"a first admin where nobody signs in", `{auth: {first_admin: {password_file: a}}}`, []string{"server.auth.first_admin: it has no effect"}},
		{"a first admin without a password", `{auth: {mode: local, first_admin: {name: "a b"}}}`, []string{"a b can't be a name", "first_admin.password_file: it is empty"}},
		{"half a certificate", `{tls: {cert_file: c.pem}}`, []string{"it needs both cert_file and key_file", "c.pem does not exist"}},
		{"an old TLS", `{tls: {cert_file: c.pem, key_file: c.pem, min_version: "1.0"}}`, []string{"TLS 1.0 is not spoken"}},
		{"a proxy that is no address", `{trusted_proxies: [proxy]}`, []string{"server.trusted_proxies", "10.0.0.0/8"}},
		{"sessions that end at once", `{auth: {session: {idle: 1s}}}`, []string{"idle is less than 5m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeConfig(t, "server: "+c.file+"\n")
			finds(t, path, c.want)
		})
	}
}

func TestTheCommandLinesAddressIsTheOneThatCounts(t *testing.T) {
	path := writeConfig(t, "server: {listen: 127.0.0.1:9900}\n")
	_, findings, err := loadConfig(path, Override{Listen: "0.0.0.0:9900"})
	if err != nil || len(findings.Errors()) != 1 {
		t.Errorf("--listen 0.0.0.0:9900 is taken without sign-in: %v, %v", findings, err)
	}
	path = writeConfig(t, "server: {listen: 0.0.0.0:9900}\n")
	if _, findings, err = loadConfig(path, Override{Listen: "127.0.0.1:0"}); err != nil || len(findings) != 0 {
		t.Errorf("--listen 127.0.0.1 does not count: %v, %v", findings, err)
	}
}

// finds loads a configuration, in which each part has to be found, or nothing at all where there is none.
func finds(t *testing.T, path string, want []string) {
	t.Helper()
	_, findings, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines(findings, t.TempDir()), "\n")
	if len(want) == 0 && text != "" {
		t.Errorf("found %s, want nothing", text)
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("found %q, want %q in it", text, part)
		}
	}
}
