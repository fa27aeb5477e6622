package alertconf

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// ReadFile reads a file of Alertmanager's own. What is wrong comes back as findings with
// their lines; the error is for a file that can't be read.
func ReadFile(path string) (File, slo.Findings, error) {
	data, err := yamlconf.ReadFile(path)
	if err != nil {
		return File{}, nil, fmt.Errorf("read Alertmanager's configuration: %w", err)
	}
	f, findings := read(data, path)
	return f, findings, nil
}

// read reads what a file of Alertmanager's own holds.
func read(data []byte, path string) (File, slo.Findings) {
	f := DefaultConfig().File
	doc, findings := yamlconf.Decode(data, &f, yamlconf.Options{File: path, ExpandEnv: true, Defaults: Defaults()})
	return f, f.finish(doc, findings, finishing{dir: filepath.Dir(path), file: path, whole: true})
}

// IsFile reports whether a file looks like one of Alertmanager's own: it has routes or
// receivers at the top, or nothing at all but Alertmanager's name. What can't be read does not.
func IsFile(path string) bool {
	data, err := yamlconf.ReadFile(path)
	if err != nil {
		return false
	}
	docs, findings := yamlconf.Parse(data, yamlconf.Options{})
	if len(docs) == 0 && len(findings) == 0 {
		return strings.HasPrefix(filepath.Base(path), "alertmanager")
	}
	return len(docs) > 0 && (docs[0].Has("route") || docs[0].Has("receivers"))
}

// integrationPath is the path of an integration, or of something in it.
var integrationPath = regexp.MustCompile(`(^|\.)receivers\[\d+\]\.\w+_configs`)

// Routes leaves out what is said of single integrations, which has no influence on where
// alerts are led.
func Routes(findings slo.Findings) slo.Findings {
	return slices.DeleteFunc(slices.Clone(findings), func(f slo.Finding) bool { return integrationPath.MatchString(f.Path) })
}

// Finish completes what was decoded from the part of burnline.yaml under alerting: it reads
// the file that config names, fills in what is inherited, lets paths start from dir, and
// returns everything that is wrong together with what decoding found.
func (c *Config) Finish(doc *yamlconf.Document, found slo.Findings, dir string) slo.Findings {
	found = c.complete(doc, found, dir)
	found = doc.Add(found, c.Silences.check()...)
	found = doc.Add(found, c.Drill.check(&c.File)...)
	return doc.Add(found, c.Heartbeat.check(&c.File)...)
}

// complete is Finish without what rests on the whole.
func (c *Config) complete(doc *yamlconf.Document, found slo.Findings, dir string) slo.Findings {
	found = doc.Add(found, c.PagerDutyWebhook.finish(dir)...)
	if c.Path == "" {
		return c.finish(doc, found, finishing{prefix: key + ".", dir: dir})
	}
	if !filepath.IsAbs(c.Path) {
		c.Path = filepath.Join(dir, c.Path)
	}
	var beside []slo.Finding
	for _, k := range []string{"global", "templates", "route", "receivers", "inhibit_rules", "time_intervals", "mute_time_intervals"} {
		if doc != nil && doc.Has(key+"."+k) {
			beside = append(beside, slo.Finding{Path: key + "." + k, Level: slo.LevelError,
				Message: "config names a file that holds it all", Instead: "move it into " + c.Path + ", or remove config"})
		}
	}
	f, findings, err := ReadFile(c.Path)
	if err != nil {
		beside = append(beside, slo.Finding{Path: key + ".config", Level: slo.LevelError, Message: err.Error(), Instead: "correct the path, or create it"})
	}
	c.File = f
	return append(doc.Add(found, beside...), findings...)
}

// key is the key of burnline.yaml that holds all of this.
const key = "alerting"

// finishing says where a file's content came from.
type finishing struct {
	// prefix stands before its paths, dir is where its paths start from, and file is its
	// name, known to the document too where there is one.
	prefix, dir, file string
	whole             bool
}

// finish completes a file that was decoded.
func (f *File) finish(doc *yamlconf.Document, found slo.Findings, o finishing) slo.Findings {
	f.place(func(path string) slo.Source {
		if doc == nil {
			return slo.Source{File: o.file}
		}
		return doc.Finding(o.prefix+path, "", "").Source
	}, o.dir)
	c := check{prefix: o.prefix}
	f.validate(&c, o.whole)
	f.trial(&c)
	if doc == nil {
		for i := range c.findings {
			c.findings[i].File = o.file
		}
	}
	return doc.Add(found, c.findings...)
}

// place gives every part its source, and every path its folder.
func (f *File) place(source func(path string) slo.Source, dir string) {
	if f.Global.HTTP != nil {
		f.Global.HTTP.SetDirectory(dir)
	}
	for _, file := range f.Global.files() {
		absolute(file, dir)
	}
	for i := range f.Templates {
		absolute(&f.Templates[i], dir)
	}
	for i := range f.Receivers {
		f.Receivers[i].Source = source(fmt.Sprintf("receivers[%d]", i))
		f.Receivers[i].prepare(f.Global, dir)
	}
	for i := range f.InhibitRules {
		f.InhibitRules[i].Source = source(fmt.Sprintf("inhibit_rules[%d]", i))
	}
	f.Route.place(source, "route")
}

// prepare completes the integrations of a receiver.
func (r *Receiver) prepare(g Global, dir string) {
	for _, k := range kinds() {
		k.prepare(r, g, dir)
	}
}

func (r *Route) place(source func(path string) slo.Source, at string) {
	r.Source = source(at)
	for i := range r.Routes {
		r.Routes[i].place(source, fmt.Sprintf("%s.routes[%d]", at, i))
	}
}

// trial makes every sender once, so that what is wrong with one is found with the rest.
func (f *File) trial(c *check) {
	options, findings := f.senderOptions(Options{Now: time.Now})
	if len(findings) > 0 {
		c.findings = append(c.findings, findings...)
		return
	}
	for i := range f.Receivers {
		for _, k := range kinds() {
			for j, b := range k.build(&f.Receivers[i], options) {
				at := fmt.Sprintf("receivers[%d].%s[%d]", i, k.key, j)
				for _, err := range each(b.err) {
					c.wrong(at, err.Error(), "")
				}
				for _, a := range b.advice {
					c.say(a.Level, strings.TrimSuffix(at+"."+a.Path, "."), a.Message, a.Instead)
				}
			}
		}
	}
}

// each takes joined errors apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
