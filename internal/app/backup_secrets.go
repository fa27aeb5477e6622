package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// needed are the files and variables that files of a configuration read secrets from.
type needed struct{ files, variables []string }

// variable is how a file names one of the environment.
var variable = regexp.MustCompile(`\$\{env:(\w+)\}`)

// read finds them in a file: the values of keys that end in _file or _files, by the file's folder.
func (n *needed) read(path string) error {
	text, err := os.ReadFile(path) //nolint:gosec // a file of the configuration
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
		n.variables = append(n.variables, m[1])
	}
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil {
		return nil //nolint:nilerr // a template, or what the loader said already
	}
	n.walk(&doc, filepath.Dir(path))
	return nil
}

func (n *needed) walk(node *yaml.Node, dir string) {
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i].Value, node.Content[i+1]
			switch {
			case strings.HasSuffix(key, "_file"):
				n.named(value, dir)
			case strings.HasSuffix(key, "_files"): // a list, or by name
				for j, one := range value.Content {
					if value.Kind == yaml.SequenceNode || j%2 == 1 {
						n.named(one, dir)
					}
				}
			}
		}
	}
	if node.Kind == yaml.AliasNode {
		return // it is walked where it stands
	}
	for _, child := range node.Content {
		n.walk(child, dir)
	}
}

// named notes the file that a value names.
func (n *needed) named(value *yaml.Node, dir string) {
	if value.Kind != yaml.ScalarNode || value.Value == "" {
		return
	}
	path := value.Value
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	n.file(path)
}

func (n *needed) file(path string) { n.files = append(n.files, path) }

// lists returns each once, in order.
func (n *needed) lists() (files, variables []string) {
	once := func(all []string) []string {
		slices.Sort(all)
		return append([]string{}, slices.Compact(all)...)
	}
	return once(n.files), once(n.variables)
}
