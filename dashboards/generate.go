package dashboards

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"burnline/slo"
)

// Mark stands in every generated file: as a tag in dashboards, in a comment in
// provisioning files. A file without it is somebody else's.
const Mark = "generated-by-burnline"

// DefaultURL is where Burnline listens unless told otherwise.
const DefaultURL = "http://127.0.0.1:9900"

// DefaultGrafanaPath is where Grafana's host keeps the dashboards unless told
// otherwise.
const DefaultGrafanaPath = "/var/lib/grafana/dashboards/burnline"

// Options say what the dashboards link to and where they will live. Every field
// has a default.
type Options struct {
	// ExternalURL is Burnline's address as people and Grafana reach it. Default
	// DefaultURL.
	ExternalURL string
	// GrafanaPath is the folder on Grafana's host that holds the dashboards.
	// Default DefaultGrafanaPath.
	GrafanaPath string
	// TokenVariable names an environment variable of Grafana's that holds an API token of Burnline,
	// which the data sources send; "" sends none.
	TokenVariable string
	// Additions are rows of panels of the user's own.
	Additions []Addition
}

// fill puts in defaults.
func (o *Options) fill() {
	if o.ExternalURL == "" {
		o.ExternalURL = DefaultURL
	}
	if o.GrafanaPath == "" {
		o.GrafanaPath = DefaultGrafanaPath
	}
	o.ExternalURL = strings.TrimRight(o.ExternalURL, "/")
}

// validate says what is wrong.
func (o *Options) validate() error {
	if u, err := url.Parse(o.ExternalURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("the URL %q is not a web address; write one such as %s", o.ExternalURL, DefaultURL)
	}
	if !path.IsAbs(o.GrafanaPath) {
		return fmt.Errorf("the path %q on Grafana's host is not absolute; write one such as %s", o.GrafanaPath, DefaultGrafanaPath)
	}
	if !variableForm.MatchString(o.TokenVariable) {
		return fmt.Errorf("%q is no name of an environment variable; write one such as BURNLINE_TOKEN", o.TokenVariable)
	}
	return nil
}

// File is one generated file.
type File struct {
	// Path is relative and uses slashes.
	Path string
	Data []byte
	// Board is the dashboard that the file holds; zero in files of provisioning.
	Board Board
}

// Generate returns all dashboards of List and the files that
// provision them, sorted by path. The same definitions and options give the
// same bytes. Each dashboard has passed the rules of Lint.
func Generate(defs []slo.Definition, o Options) ([]File, error) {
	o.fill()
	if err := o.validate(); err != nil {
		return nil, err
	}
	boards := build(defs, o)
	if err := add(boards, o.Additions); err != nil {
		return nil, err
	}
	written, err := write(boards)
	files := append(written, provisionDashboards(o), provisionDatasources(o))
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

// write encodes boards and holds them against the rules, on all processors: ten thousand take a while.
func write(boards []board) ([]File, error) {
	files, errs := make([]File, len(boards)), make([]error, len(boards))
	var group sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(boards); i = int(next.Add(1)) - 1 {
				data, err := encode(boards[i])
				if err == nil {
					err = errors.Join(Lint(data)...)
				}
				if err != nil {
					errs[i] = fmt.Errorf("dashboard %s: %w", boards[i].Name, err)
				}
				files[i] = File{Path: boards[i].path(), Data: data, Board: boards[i].Board}
			}
		})
	}
	group.Wait()
	return files, errors.Join(errs...)
}

// List returns which dashboards there are for the definitions, those for all SLOs first.
func List(defs []slo.Definition) []Board {
	boards := build(defs, Options{})
	list := make([]Board, len(boards))
	for i := range boards {
		list[i] = boards[i].Board
	}
	return list
}

// build returns every dashboard without what users add.
func build(defs []slo.Definition, o Options) []board {
	defs = slices.Clone(defs)
	slices.SortFunc(defs, func(a, b slo.Definition) int { return strings.Compare(a.ID, b.ID) })
	boards := []board{overview(defs, o), onCall(defs, o), leadership(defs, o), itself(o)}
	for i := range defs {
		boards = append(boards, detail(&defs[i], o))
	}
	for _, name := range services(defs) {
		boards = append(boards, service(name, defs, o))
	}
	return boards
}

// services are those with an SLO, sorted.
func services(defs []slo.Definition) []string {
	var names []string
	for i := range defs {
		if defs[i].Service != "" {
			names = append(names, defs[i].Service)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sloURL is the address of the SLO's page in Burnline.
func sloURL(o Options, id string) string {
	parts := strings.Split(id, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return o.ExternalURL + "/slo/" + strings.Join(parts, "/")
}
