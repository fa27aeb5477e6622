package packs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// part is a file of every pack, and the folder that it is written into.
type part struct{ file, folder string }

// parts are the files that are written, in their order.
func parts() []part {
	return []part{{"scrape.yaml", "scrape"}, {"slos.yaml", "slos"}, {"alerts.yaml", "rules"}, {"panels.yaml", "panels"}}
}

// What the embedded files say, and Options replace.
const (
	// DefaultTeam looks after a program unless told otherwise.
	DefaultTeam = "platform"
	// DefaultURL is where links to runbooks begin unless told otherwise.
	DefaultURL = "http://127.0.0.1:9900"
)

// Options say what is different where a pack is used. Empty fields leave the pack's own words.
type Options struct {
	// Service is the service that the SLOs are of, and the name of the files; default the pack's name.
	Service string
	// Job is the job under which the metrics are scraped; default Service.
	Job string
	// Team looks after the service; default DefaultTeam.
	Team string
	// ExternalURL is where people reach Burnline, which serves the runbooks; default DefaultURL.
	ExternalURL string
}

// The names that may be written into the files as they are.
var (
	plain = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	job   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:-]*$`)
)

// check returns everything that is wrong with the options.
func (o Options) check() error {
	var errs []error
	for _, name := range []struct{ what, text string }{{"service", o.Service}, {"team", o.Team}} {
		if name.text != "" && !plain.MatchString(name.text) {
			errs = append(errs, fmt.Errorf("the %s %q: write letters, digits, -, _ and ., such as shop-proxy", name.what, name.text))
		}
	}
	if o.Job != "" && !job.MatchString(o.Job) {
		errs = append(errs, fmt.Errorf("the job %q: write letters, digits, -, _, ., / and :, such as shop/proxy", o.Job))
	}
	if o.ExternalURL != "" {
		u, err := url.Parse(o.ExternalURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(o.ExternalURL, "\"\n ") {
			errs = append(errs, fmt.Errorf("the address %q: write it as https://burnline.example.com", o.ExternalURL))
		}
	}
	return errors.Join(errs...)
}

// File is a file of a pack as it is written.
type File struct {
	// Path is relative to the folder that packs are written into, with slashes.
	Path string
	Data []byte
}

// Files returns the files of the pack, the same ones for the same options; only what the options name differs from the
// embedded ones. Options that can't stand in files are an error.
func (p Pack) Files(o Options) ([]File, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	words := p.replacer(o)
	var files []File
	for _, part := range parts() {
		data, err := fs.ReadFile(p.files, part.file)
		if err != nil {
			return nil, fmt.Errorf("read the pack %s: %w", p.Name, err)
		}
		files = append(files, File{Path: path.Join(part.folder, cmp.Or(o.Service, p.Name)+".yaml"), Data: []byte(words.Replace(string(data)))})
	}
	return files, nil
}

// replacer writes what the options say in place of the pack's own words.
func (p Pack) replacer(o Options) *strings.Replacer {
	service, team := cmp.Or(o.Service, p.Name), cmp.Or(o.Team, DefaultTeam)
	job := cmp.Or(o.Job, service)
	return strings.NewReplacer(
		"  service: "+p.Name+"\n", "  service: "+service+"\n",
		"service: "+p.Name+",", "service: "+service+",",
		`"service:`+p.Name+`"`, `"service:`+service+`"`,
		`job="`+p.Name+`"`, `job="`+job+`"`,
		"job_name: "+p.Name+"\n", "job_name: "+job+"\n",
		"  team: "+DefaultTeam+"\n", "  team: "+team+"\n",
		"team: "+DefaultTeam+"}", "team: "+team+"}",
		DefaultURL+"/runbooks/", strings.TrimRight(cmp.Or(o.ExternalURL, DefaultURL), "/")+"/runbooks/",
	)
}
