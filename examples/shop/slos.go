package shop

import (
	"embed"
	"io/fs"
)

//go:embed slos/*.yaml
var sloFiles embed.FS

// SLOs returns the shop's SLO files, so that a program can write them out
// wherever it runs.
func SLOs() (fs.FS, error) { return fs.Sub(sloFiles, "slos") }
