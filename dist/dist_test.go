// Package dist_test holds what Burnline is shipped in against the programs that will read it: systemd, dpkg, and the
// types and schemas of Kubernetes.
package dist_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run returns what a program says; it has to succeed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1790000000", "SYSTEMD_COLORS=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The unit has no word that systemd doesn't know, and leaves the service nothing that it doesn't need: by systemd's own
// measure, of which 1.5 is well below where it begins to call a service exposed.
func TestSystemdTakesTheUnitAndCallsItSafe(t *testing.T) {
	t.Parallel()
	unit := filepath.Join(t.TempDir(), "burnline.service")
	// Who checks a unit looks whether the program is there.
	text := strings.ReplaceAll(read(t, "systemd/burnline.service"), "/usr/bin/burnline", "/bin/true")
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := run(t, "systemd-analyze", "verify", "--man=no", unit); strings.Contains(said, unit) {
		t.Errorf("systemd says:\n%s", said)
	}
	run(t, "systemd-analyze", "security", "--offline=true", "--threshold=15", unit)
}

// packaged makes a package of a stand-in for the binary: what is tested is all that is around it.
func packaged(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "burnline.deb")
	run(t, "./deb", "/bin/true", "1.2.3~rc1", "amd64", out)
	return out
}

func TestThePackageIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	if !bytes.Equal([]byte(read(t, packaged(t))), []byte(read(t, packaged(t)))) {
		t.Error("the same binary gives two packages")
	}
}

func TestDpkgTakesThePackage(t *testing.T) {
	t.Parallel()
	deb := packaged(t)
	for field, want := range map[string]string{"Package": "burnline", "Version": "1.2.3~rc1", "Architecture": "amd64"} {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "--field", deb, field)); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
	listed := run(t, "dpkg-deb", "--contents", deb)
	for _, want := range []string{
		"drwxr-xr-x root/root         0 2026-09-21 14:13 ./\n", // what it installs into keeps its rights
		"./usr/bin/burnline\n", "./usr/lib/systemd/system/burnline.service\n", "./usr/lib/sysusers.d/burnline.conf\n",
		"./usr/share/doc/burnline/docs/configuration.md\n",
	} {
		if !strings.Contains(listed, want) {
			t.Errorf("the package lacks %q:\n%s", want, listed)
		}
	}
	for line := range strings.Lines(listed) {
		if strings.Contains(line, " ./etc/burnline/burnline.yaml") && !strings.HasPrefix(line, "-rw-r-----") {
			t.Errorf("what may hold secrets is readable by all: %s", line)
		}
	}
	// dpkg unpacks it into an empty root, and knows what it has to leave alone at an upgrade.
	root := t.TempDir()
	run(t, "dpkg-deb", "--raw-extract", deb, root)
	if got := read(t, filepath.Join(root, "DEBIAN/conffiles")); got != "/etc/burnline/burnline.yaml\n" {
		t.Errorf("files that users own: %q", got)
	}
	// A start that waits for room must not keep dpkg waiting, by which room could be made.
	if text := read(t, filepath.Join(root, "DEBIAN/postinst")); !strings.Contains(text, "timeout 60 deb-systemd-invoke $action") {
		t.Errorf("the installation waits for the start without end:\n%s", text)
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		run(t, "sh", "-n", filepath.Join(root, "DEBIAN", script))
	}
}
