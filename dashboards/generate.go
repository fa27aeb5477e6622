package dashboards

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"burnline/slo"
)

// DatasourceName and DatasourceUID name the data source that the provisioning
// files create.
const (
	DatasourceName = "Burnline"
	DatasourceUID  = "burnline"
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
}

// File is one generated file.
type File struct {
	// Path is relative and uses slashes.
	Path string
	Data []byte
}

// Generate returns the overview, one dashboard per SLO, and the files that
// provision them, sorted by path. The same definitions and options give the
// same bytes. Each dashboard has passed the rules of Lint.
func Generate(defs []slo.Definition, o Options) ([]File, error) {
	if o.ExternalURL == "" {
		o.ExternalURL = DefaultURL
	}
	if o.GrafanaPath == "" {
		o.GrafanaPath = DefaultGrafanaPath
	}
	if u, err := url.Parse(o.ExternalURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("the URL %q is not a web address; write one such as %s", o.ExternalURL, DefaultURL)
	}
	if !path.IsAbs(o.GrafanaPath) {
		return nil, fmt.Errorf("the path %q on Grafana's host is not absolute; write one such as %s", o.GrafanaPath, DefaultGrafanaPath)
	}
	o.ExternalURL = strings.TrimRight(o.ExternalURL, "/")
	defs = slices.Clone(defs)
	slices.SortFunc(defs, func(a, b slo.Definition) int { return strings.Compare(a.ID, b.ID) })

	files := []File{provisionDashboards(o), provisionDatasource(o)}
	var errs []error
	add := func(name string, b board) {
		data, err := encode(b)
		if err == nil {
			err = errors.Join(Lint(data)...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("dashboard %s: %w", name, err))
			return
		}
		files = append(files, File{Path: path.Join("dashboards", name), Data: data})
	}
	add("overview.json", overview(defs, o))
	for i := range defs {
		add(fileName(defs[i].ID), detail(&defs[i], o))
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, errors.Join(errs...)
}

// uid is a dashboard's address in Grafana. It depends on the SLO's ID alone, so
// that links survive every change of the SLO.
func uid(id string) string { return "burnline-" + digest(id) }

// fileName is readable, and unique because of the digest.
func fileName(id string) string {
	readable := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, id)
	if len(readable) > 100 {
		readable = readable[:100]
	}
	return "slo-" + readable + "-" + digest(id)[:6] + ".json"
}

func digest(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:8])
}

// sloURL is the address of the SLO's page in Burnline.
func sloURL(o Options, id string) string {
	parts := strings.Split(id, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return o.ExternalURL + "/slo/" + strings.Join(parts, "/")
}
