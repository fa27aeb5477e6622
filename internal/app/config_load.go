package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"burnline/collector/scrape"
	"burnline/internal/alertconf"
	"burnline/internal/datadir"
	"burnline/internal/yamlconf"
	"burnline/rules/runner"
	"burnline/slo"
	"burnline/slo/spec"
)

// LoadConfig reads burnline.yaml on top of the defaults; path "" reads none.
// ${env:NAME} expands in it, and relative paths start from its folder. Everything
// that is wrong comes back at once as findings, each at its line; the error is
// for a file that can't be read. The default SLO folder may be missing; then
// SLOs is empty and MissingSLOs names it.
func LoadConfig(path string) (Config, slo.Findings, error) { return loadConfig(path, Override{}) }

// loadConfig is LoadConfig with values of the command line in the place of the file's.
func loadConfig(path string, o Override) (Config, slo.Findings, error) {
	c := DefaultConfig()
	var doc *yamlconf.Document
	var findings slo.Findings
	if path != "" {
		data, err := yamlconf.ReadFile(path)
		if err != nil {
			return Config{}, nil, fmt.Errorf("read configuration: %w", err)
		}
		doc, findings = yamlconf.Decode(data, &c, yamlconf.Options{File: path, ExpandEnv: true, Defaults: alertconf.Defaults()})
		c.Dir = filepath.Dir(path)
	}
	c.resolvePaths()
	c.override(o)
	c.DiskSize = sizeOfDisk(c.Data, datadir.RoomOf)
	slosGiven := doc != nil && doc.Has("slos[0]")
	for _, found := range []slo.Findings{
		c.Validate(), c.missingFiles(slosGiven), c.oversized(),
		scrape.Check(c.ScrapeConfigs), // its lines count from the list's own; its paths don't
	} {
		findings = doc.Add(findings, found...)
	}
	findings = c.Alerting.Finish(doc, findings, c.Dir)
	if len(findings.Errors()) == 0 {
		_, more, err := readRules(c.Rules)
		if err != nil {
			return Config{}, nil, err
		}
		findings = append(findings, more...)
	}
	if !slosGiven && len(c.SLOs) > 0 && !exists(c.SLOs[0]) {
		c.MissingSLOs, c.SLOs = c.SLOs[0], nil
	}
	return c, findings, nil
}

// resolvePaths makes every relative path start from the file's folder.
func (c *Config) resolvePaths() {
	paths := []*string{&c.Data, &c.Backup.To, &c.Collector.Config, &c.Impact.HashKeyFile}
	for i := range c.SLOs {
		paths = append(paths, &c.SLOs[i])
	}
	for i := range c.Rules {
		paths = append(paths, &c.Rules[i])
	}
	for _, t := range []*TLSConfig{c.Server.TLS, c.Collector.OTLP.TLS} {
		if t != nil {
			paths = append(paths, &t.CertFile, &t.KeyFile, &t.ClientCAFile)
		}
	}
	for name, path := range c.Ingest.TokenFiles {
		if path != "" && !filepath.IsAbs(path) {
			c.Ingest.TokenFiles[name] = filepath.Join(c.Dir, path)
		}
	}
	if o := c.Server.Auth.OIDC; o != nil {
		paths = append(paths, &o.ClientSecretFile)
	}
	if f := c.Server.Auth.FirstAdmin; f != nil {
		paths = append(paths, &f.PasswordFile)
	}
	if r := c.Metrics.Remote; r != nil {
		paths = append(paths, &r.BearerTokenFile)
		if r.BasicAuth != nil {
			paths = append(paths, &r.BasicAuth.PasswordFile)
		}
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(c.Dir, *p)
		}
	}
}

// missingFiles reports files and folders that are named but not there.
func (c Config) missingFiles(slosGiven bool) slo.Findings {
	var findings slo.Findings
	check := func(key, path string) {
		if path != "" && !exists(path) {
			findings = append(findings, wrong(key, path+" does not exist", "correct the path, or create it"))
		}
	}
	check("collector.config", c.Collector.Config)
	check("impact.hash_key_file", c.Impact.HashKeyFile)
	for key, t := range map[string]*TLSConfig{"server.tls": c.Server.TLS, "collector.otlp.tls": c.Collector.OTLP.TLS} {
		if t != nil {
			check(key+".cert_file", t.CertFile)
			check(key+".key_file", t.KeyFile)
			check(key+".client_ca_file", t.ClientCAFile)
		}
	}
	if o := c.Server.Auth.OIDC; o != nil {
		check("server.auth.oidc.client_secret_file", o.ClientSecretFile)
	}
	for i, path := range c.SLOs {
		if slosGiven {
			check(fmt.Sprintf("slos[%d]", i), path)
		}
	}
	for i, path := range c.Rules {
		check(fmt.Sprintf("rules[%d]", i), path)
	}
	if r := c.Metrics.Remote; r != nil {
		check("metrics.remote.bearer_token_file", r.BearerTokenFile)
		if r.BasicAuth != nil {
			check("metrics.remote.basic_auth.password_file", r.BasicAuth.PasswordFile)
		}
	}
	return findings
}

// readRules reads rule files, and folders of them as those of SLOs are read.
func readRules(paths []string) (runner.Set, slo.Findings, error) {
	files, findings, err := spec.Files(paths)
	if err != nil {
		return runner.Set{}, nil, fmt.Errorf("list the rule files: %w", err)
	}
	set, more, err := runner.Read(files)
	return set, append(findings, more...), err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
