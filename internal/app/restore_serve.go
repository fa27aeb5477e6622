package app

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// serve says by which command a server opens what was restored, with --data where the configuration leads elsewhere, and
// what has to be changed in the configuration first; "" where nothing has. Where no configuration was restored it is called FILE.
func (r *Restored) serve(o *RestoreOptions) (command, first string) {
	main := r.mainConfig(o.ConfigTo)
	if main == "" {
		if o.DSN != "" {
			first = "let state.dsn in FILE be the address of the database that the state was restored to"
		}
		return "burnline serve --config FILE --data " + inShell(o.Data), first
	}
	command = "burnline serve --config " + inShell(main)
	c, _, err := LoadConfig(main) // its findings are for the start
	if err != nil || !samePath(c.Data, o.Data) {
		command += " --data " + inShell(o.Data)
	}
	switch {
	case c.State.DSN.Reveal() == o.DSN:
	case o.DSN == "":
		first = fmt.Sprintf("remove state.dsn from %s, for the state was restored to %s", main, o.Data)
	default:
		first = fmt.Sprintf("let state.dsn in %s be the address of the database that the state was restored to", main)
	}
	return command, first
}

// mainConfig is the file among those of a restored configuration that names the others: burnline.yaml, or the only one
// of YAML that lies in the folder itself; "" where there is none.
func (r *Restored) mainConfig(folder string) string {
	only := ""
	for _, path := range r.Config {
		if !samePath(filepath.Dir(path), folder) {
			continue
		}
		if filepath.Base(path) == "burnline.yaml" {
			return path
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
			continue
		}
		if only != "" {
			return ""
		}
		only = path
	}
	return only
}

// samePath reports whether two paths are the same by their names.
func samePath(a, b string) bool {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// inShell writes a path as an argument for a shell.
func inShell(path string) string {
	if plain, err := regexp.MatchString(`^[A-Za-z0-9_./=:@%+,-]+$`, path); err == nil && plain {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
