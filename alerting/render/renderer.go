package render

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	amtemplate "github.com/prometheus/alertmanager/template"

	"burnline/alerting"
	"burnline/slo"
)

// Options are what templates need; all may be zero.
type Options struct {
	// Globs are the template files, as templates: has them, with the configuration's folder in front.
	Globs []string
	// ExternalURL is what templates see as such.
	ExternalURL string
	// Timeout ends one rendering, default 2s; MaxBytes is the most it may write, default 1 MiB.
	Timeout  time.Duration
	MaxBytes int
	// Now is the clock that bounds a rendering; nil takes time.Now.
	Now func() time.Time
}

// Renderer renders users' templates on top of Alertmanager's built-in ones. It is safe
// for concurrent use.
type Renderer struct {
	o    Options
	text *texttemplate.Template
	html *htmltemplate.Template

	mu sync.Mutex
	// parsed are the texts that were rendered before, by kind and text.
	parsed map[string]executor
}

// executor is a template of either kind.
type executor interface {
	Execute(w writer, data any) error
}

// maxFile is the largest template file that is read, in bytes.
const maxFile = 1 << 20

// Load reads the template files. Each that can't be read or parsed is a finding at its line; the
// renderer is nil then. A glob that matches nothing is fine, as it is to Alertmanager.
func Load(o Options) (*Renderer, slo.Findings) {
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Second
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Renderer{o: o, parsed: map[string]executor{}}
	_, err := amtemplate.FromGlobs(nil, func(text *texttemplate.Template, html *htmltemplate.Template) { r.text, r.html = text, html })
	if err != nil {
		return nil, slo.Findings{{Level: slo.LevelError, Message: "read the built-in templates: " + err.Error()}}
	}
	var findings slo.Findings
	for _, glob := range o.Globs {
		files, err := filepath.Glob(glob)
		if err != nil {
			findings = append(findings, slo.Finding{Path: "templates", Level: slo.LevelError,
				Message: fmt.Sprintf("%q is no pattern of files", glob), Instead: "write one such as templates/*.tmpl"})
		}
		for _, file := range files {
			if f, ok := r.parseFile(file); !ok {
				findings = append(findings, f)
			}
		}
	}
	if len(findings) > 0 {
		return nil, findings
	}
	for _, t := range r.text.Templates() {
		tick(t.Tree)
	}
	for _, t := range r.html.Templates() {
		tick(t.Tree)
	}
	return r, nil
}

// parseFile adds one file, or says what is wrong with it.
func (r *Renderer) parseFile(file string) (slo.Finding, bool) {
	finding := slo.Finding{Source: slo.Source{File: file}, Level: slo.LevelError}
	info, err := os.Stat(file)
	switch {
	case err == nil && (!info.Mode().IsRegular() || info.Size() > maxFile):
		finding.Message, finding.Instead = fmt.Sprintf("this is no template file of at most %d bytes", maxFile), "narrow the pattern in templates"
		return finding, false
	case err == nil:
		// By a pattern, since that reads it as Alertmanager does; a name may hold a pattern's characters.
		pattern := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(file)
		if _, err = r.text.ParseGlob(pattern); err == nil {
			_, err = r.html.ParseGlob(pattern)
		}
	}
	if err == nil {
		return finding, true
	}
	finding.Message, finding.Instead = "this is no template: "+reason(err), "mend it, or leave the file out of templates"
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		finding.Line, _ = strconv.Atoi(m[1])
	}
	return finding, false
}

// place is where an error of a template names its line; the part before it names the file.
var place = regexp.MustCompile(`^(?:html/)?template: [^:]*:(\d+)`)

// prefix is what an error begins with that says nothing to the reader.
var prefix = regexp.MustCompile(`^(?:html/)?template: [^:]*:\d+(?::\d+)?: (?:executing "" at )?`)

// reason is an error of a template in one line.
func reason(err error) string {
	text := strings.Join(strings.Fields(prefix.ReplaceAllString(err.Error(), "")), " ")
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}

var (
	_ Func = (*Renderer)(nil).Text
	_ Func = (*Renderer)(nil).HTML
)

// Text renders a text.
func (r *Renderer) Text(text string, row alerting.Row) (string, error) {
	return r.execute("text\x00"+text, row, func() (executor, error) {
		t, err := r.text.Clone()
		if err != nil {
			return nil, err
		}
		if t, err = t.New("").Option("missingkey=zero").Funcs(bounded(r.o.MaxBytes)).Parse(text); err != nil {
			return nil, err
		}
		for _, part := range t.Templates() {
			tick(part.Tree)
		}
		return textExecutor{t}, nil
	})
}

// HTML renders a text whose data is escaped as its place in HTML needs.
func (r *Renderer) HTML(text string, row alerting.Row) (string, error) {
	return r.execute("html\x00"+text, row, func() (executor, error) {
		t, err := r.html.Clone()
		if err != nil {
			return nil, err
		}
		if t, err = t.New("").Option("missingkey=zero").Funcs(htmltemplate.FuncMap(bounded(r.o.MaxBytes))).Parse(text); err != nil {
			return nil, err
		}
		for _, part := range t.Templates() {
			tick(part.Tree)
		}
		return htmlExecutor{t}, nil
	})
}

type textExecutor struct{ *texttemplate.Template }

// Execute implements executor.
func (e textExecutor) Execute(w writer, data any) error { return e.Template.Execute(w, data) }

type htmlExecutor struct{ *htmltemplate.Template }

// Execute implements executor.
func (e htmlExecutor) Execute(w writer, data any) error { return e.Template.Execute(w, data) }

// maxParsed bounds how many parsed texts are remembered.
const maxParsed = 1000

// execute renders within the bounds.
func (r *Renderer) execute(key string, row alerting.Row, parse func() (executor, error)) (string, error) {
	t, err := r.remembered(key, parse)
	if err != nil {
		return "", fmt.Errorf("%s", reason(err))
	}
	var buf bytes.Buffer
	w := writer{to: &buf, most: r.o.MaxBytes, now: r.o.Now, until: r.o.Now().Add(r.o.Timeout), timeout: r.o.Timeout}
	if err := t.Execute(w, NewData(row, r.o.ExternalURL)); err != nil {
		return "", fmt.Errorf("%s", reason(err))
	}
	return buf.String(), nil
}

// remembered returns a parsed text.
func (r *Renderer) remembered(key string, parse func() (executor, error)) (executor, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.parsed[key]; ok {
		return t, nil
	}
	t, err := parse()
	if err == nil && len(r.parsed) < maxParsed {
		r.parsed[key] = t
	}
	return t, err
}
