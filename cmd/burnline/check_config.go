package main

import (
	"os"
	"path/filepath"

	"burnline/internal/alertconf"
	"burnline/internal/app"
)

// configurations checks the files that are configurations, and the one that is named as
// such. It returns the paths of SLOs: those that are left, else those that the
// configurations name; and the backend for metrics that was found, nil for none.
func (c *checked) configurations(paths []string, named string) ([]string, *app.RemoteConfig, error) {
	var configs, slos []string
	if named != "" {
		configs = append(configs, named)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			slos = append(slos, path) // a pipe would be waited for, and a folder is one of SLOs
		} else if alertconf.IsFile(path) || app.IsConfig(path) || hasConfigName(path) {
			configs = append(configs, path)
		} else {
			slos = append(slos, path)
		}
	}
	c.configs = len(configs)
	var backend *app.RemoteConfig
	var theirs []string
	for _, path := range configs {
		if alertconf.IsFile(path) {
			file, findings, err := alertconf.ReadFile(path)
			if err != nil {
				return nil, nil, err
			}
			c.tells(file)
			c.Findings = append(c.Findings, findings...)
			continue
		}
		config, findings, err := app.LoadConfig(path)
		if err != nil {
			return nil, nil, err
		}
		c.Findings = append(c.Findings, findings...)
		c.tells(config.Alerting.File)
		if config.Metrics.Remote != nil {
			backend = config.Metrics.Remote
		}
		if len(findings.Errors()) == 0 {
			theirs = append(theirs, config.SLOs...)
		}
	}
	if len(slos) == 0 {
		slos = theirs
	}
	return slos, backend, nil
}

// hasConfigName reports whether a file has the name of Burnline's configuration, whatever it holds.
func hasConfigName(path string) bool {
	return filepath.Base(path) == "burnline.yaml" || filepath.Base(path) == "burnline.yml"
}

// tells counts what a configuration says of who is told.
func (c *checked) tells(f alertconf.File) {
	if len(f.Receivers) > 0 {
		c.receivers += len(f.Receivers)
		c.routes += routesOf(f.Route)
	}
}

// routesOf counts a route and those below it.
func routesOf(r alertconf.Route) int {
	n := 1
	for _, below := range r.Routes {
		n += routesOf(below)
	}
	return n
}
