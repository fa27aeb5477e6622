package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestABackupNamesEveryFileAndVariableThatASecretComesFrom(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "burnline.yaml")
	if err := os.WriteFile(path, []byte(`
server: {tls: {cert_file: tls.crt, key_file: /etc/tls.key}}
state: {dsn: "${env:DSN}"}
ingest:
  token_files: {edge: edge.token, shop: secrets/shop.token}
alerting:
  pagerduty_webhook: {secret_files: [old.secret, new.secret]}
  receivers:
    - {name: a, pagerduty_configs: [{routing_key_file: key, routing_key: "${env:KEY}"}]}
slos: [slos]
rules: [files]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	var n needed
	if err := n.read(path); err != nil {
		t.Fatal(err)
	}
	files, variables := n.lists()
	want := []string{"/etc/tls.key"}
	for _, name := range []string{"edge.token", "key", "new.secret", "old.secret", "secrets/shop.token", "tls.crt"} {
		want = append(want, filepath.Join(dir, name))
	}
	slices.Sort(want)
	if !slices.Equal(files, want) || !slices.Equal(variables, []string{"DSN", "KEY"}) {
		t.Errorf("it names %q and %q, want %q", files, variables, want)
	}
}
