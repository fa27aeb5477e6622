package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// BuildPrometheus builds cmd/prometheus of the module that go.mod names. It
// needs a few modules that Burnline does not, so it works on copies of go.mod
// and go.sum and leaves the originals alone. Service discovery other than
// files and HTTP is left out.
func BuildPrometheus(ctx context.Context, dir string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find go.mod: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	root := filepath.Dir(mod)
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, "prometheus")
	module := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "github.com/prometheus/prometheus")
	module.Dir = root
	if out, err = module.Output(); err != nil {
		return "", fmt.Errorf("find the version of prometheus: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-modfile="+filepath.Join(dir, "go.mod"), "-mod=mod", "-tags=remove_all_sd",
		"-ldflags=-X github.com/prometheus/common/version.Version="+strings.TrimSpace(string(out)),
		"-o", path, "github.com/prometheus/prometheus/cmd/prometheus")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build prometheus: %w\n%s", err, out)
	}
	return path, nil
}

// Version asks a program of Prometheus', such as an Alertmanager, for its version, and returns that behind its name.
func Version(ctx context.Context, name, path string) (string, error) {
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	fields := strings.Fields(line) // prometheus, version 3.13.5 (branch: …
	if len(fields) < 3 {
		return "", fmt.Errorf("ask %s for its version: it says %q", path, line)
	}
	if strings.HasPrefix(fields[2], "(") {
		return name + ", a build without a version", nil
	}
	return name + " " + strings.TrimSuffix(fields[2], ","), nil
}
