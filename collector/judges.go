package collector

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Judges reports whether a pipeline shows spans to the connector that counts them for
// SLOs; nil stands for the built-in one. Of what can't be read it says no: Check says what is wrong.
func Judges(config []byte) bool {
	if config == nil {
		config = defaultConfig
	}
	var read struct {
		Service struct {
			Pipelines map[string]struct {
				Exporters []string `yaml:"exporters"`
			} `yaml:"pipelines"`
		} `yaml:"service"`
	}
	if err := yaml.Unmarshal(config, &read); err != nil {
		return false
	}
	for _, p := range read.Service.Pipelines {
		if slices.ContainsFunc(p.Exporters, func(name string) bool {
			kind, _, _ := strings.Cut(name, "/")
			return kind == "burnline_slo"
		}) {
			return true
		}
	}
	return false
}
