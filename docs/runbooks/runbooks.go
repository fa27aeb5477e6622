// Package runbooks holds what to look at and do first when something that the packs watch goes wrong. Burnline serves
// the pages under /runbooks/, so that the link in a page leads somewhere from the first day.
package runbooks

import (
	"embed"
	"regexp"
)

//go:embed *.md
var files embed.FS

// name is how runbooks are called.
var name = regexp.MustCompile(`^[a-z0-9-]+$`)

// Read returns the runbook of a pack as Markdown; false where there is none of that name.
func Read(pack string) ([]byte, bool) {
	if !name.MatchString(pack) {
		return nil, false
	}
	text, err := files.ReadFile(pack + ".md")
	return text, err == nil
}
