package yamlconf_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/internal/yamlconf"
)

// sample has a field of every type that files use.
type sample struct {
	Name     string            `yaml:"name"`
	Count    int               `yaml:"count"`
	Ratio    float64           `yaml:"ratio"`
	On       bool              `yaml:"on"`
	Timeout  time.Duration     `yaml:"timeout"`
	Tags     []string          `yaml:"tags"`
	Labels   map[string]string `yaml:"labels"`
	Nested   *nested           `yaml:"nested"`
	Level    level             `yaml:"level"`
	Raw      yamlconf.Raw      `yaml:"raw"`
	Inlined  `yaml:",inline"`
	Internal int             `yaml:"-"`
	_        yamlconf.NotYet `keys:"later soon" instead:"use nested"`
}

// spanned is written as one value, or as keys and values.
type spanned struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

func (s *spanned) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "..")
	if !ok {
		return &yamlconf.Wrong{Message: "it has no end", Instead: "write a..b"}
	}
	s.From, s.To = from, to
	return nil
}

func TestAStructMayBeWrittenAsOneValue(t *testing.T) {
	both := spanned{From: "a", To: "b"}
	for _, c := range []struct {
		text string
		want spanned
		says string
	}{
		{"s: a..b", both, ""},
		{"s: {from: a, to: b}", both, ""},
		{"s: a", spanned{}, "f.yaml:1: s: it has no end; write a..b"},
		{"s: {form: a}", spanned{}, `f.yaml:1: s.form: unknown key "form"; did you mean from?`},
		{"s: [a]", spanned{}, "f.yaml:1: s: expected a single value, found a list; write one value; quote it if it begins with { or ["},
	} {
		var into struct {
			S spanned `yaml:"s"`
		}
		_, findings := yamlconf.Decode([]byte(c.text), &into, yamlconf.Options{File: "f.yaml"})
		if into.S != c.want || findings.Error() != c.says {
			t.Errorf("%s is read as %v, and\n%v\nwant %v, and\n%s", c.text, into.S, findings, c.want, c.says)
		}
	}
}

func TestADocumentCanBeExpandedLater(t *testing.T) {
	env := func(name string) (string, bool) { return "abc", name == "SET" }
	docs, findings := yamlconf.Parse([]byte("a: ${env:SET}\nb: ${env:UNSET}"), yamlconf.Options{File: "f.yaml", LookupEnv: env})
	if len(docs) != 1 || len(findings) > 0 || docs[0].Text("a") != "${env:SET}" {
		t.Fatalf("%d documents, findings %v", len(docs), findings)
	}
	findings = docs[0].ExpandEnv()
	if docs[0].Text("a") != "abc" || len(findings) != 1 || findings[0].Line != 2 || docs[0].File() != "f.yaml" {
		t.Errorf("a = %q, findings %v", docs[0].Text("a"), findings)
	}
}

type nested struct {
	GroupBy []string `yaml:"group_by"`
}

// Inlined has keys that stand beside its parent's.
type Inlined struct {
	Extra string `yaml:"extra"`
}

type level int

func (l *level) UnmarshalText(text []byte) error {
	if string(text) != "high" {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no level", text), Instead: "write high"}
	}
	*l = 3
	return nil
}

func env(name string) (string, bool) {
	value, ok := map[string]string{"HOST": "example.com", "PORT": "8080", "LOOP": "${env:LOOP}", "KEY": "s3cret"}[name]
	return value, ok
}

func decode(t *testing.T, text string) (sample, []string) {
	t.Helper()
	s := sample{Name: "default", Timeout: time.Minute}
	_, findings := yamlconf.Decode([]byte(text), &s, yamlconf.Options{File: "f.yaml", ExpandEnv: true, LookupEnv: env})
	var lines []string
	for _, f := range findings {
		lines = append(lines, f.String())
	}
	return s, lines
}

func TestDecodeReadsEveryType(t *testing.T) {
	got, findings := decode(t, `
name: 1.10
count: 3
ratio: 0.5
on: true
timeout: 1h30m
tags: [a, b]
labels: {tier: 1, on: off}
nested:
  group_by: [region]
level: high
extra: more
raw: [{a: 1}]
`)
	if len(findings) > 0 {
		t.Fatalf("findings: %q", findings)
	}
	want := sample{
		Name: "1.10", Count: 3, Ratio: 0.5, On: true, Timeout: 90 * time.Minute,
		Tags: []string{"a", "b"}, Labels: map[string]string{"tier": "1", "on": "off"},
		Nested: &nested{GroupBy: []string{"region"}}, Level: 3, Inlined: Inlined{Extra: "more"},
	}
	var raw []map[string]int
	if err := yaml.Unmarshal(got.Raw, &raw); err != nil || len(raw) != 1 || raw[0]["a"] != 1 {
		t.Errorf("raw = %q (%v)", got.Raw, err)
	}
	got.Raw = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, want %+v", got, want)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "512": 512, "1kB": 1000, "1KiB": 1024, "50GiB": 50 << 30, "1.5 GiB": 3 << 29, "2G": 2e9, "1TB": 1e12,
	} {
		if got, err := yamlconf.ParseSize(text); got != want || err != nil {
			t.Errorf("%s is %d with %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "5 apples", "1e9", "9999999999P"} {
		got, err := yamlconf.ParseSize(text)
		if want := fmt.Sprintf("%q is no size; write one such as 512MiB or 50GiB", text); err == nil || err.Error() != want {
			t.Errorf("%s is %d with %v, want %s", text, got, err, want)
		}
	}
}

// Alertmanager's max_alerts is a number without a sign.
func TestNumbersWithoutASign(t *testing.T) {
	got := struct {
		Most uint64 `yaml:"most"`
	}{}
	if _, findings := yamlconf.Decode([]byte("most: 100\n"), &got, yamlconf.Options{File: "f.yaml"}); got.Most != 100 || len(findings) > 0 {
		t.Errorf("read as %d with %v", got.Most, findings)
	}
	_, findings := yamlconf.Decode([]byte("most: -1\n"), &got, yamlconf.Options{File: "f.yaml"})
	if want := `f.yaml:1: most: "-1" is no whole number from 0 on; write digits only, without a unit`; findings.Error() != want {
		t.Errorf("got %v, want %s", findings, want)
	}
}

func TestDefaultsStayWhereAKeyIsAbsentOrEmpty(t *testing.T) {
	got, findings := decode(t, "name:\ncount: 2\n")
	if got.Name != "default" || got.Timeout != time.Minute || len(findings) > 0 {
		t.Errorf("decoded %+v with %q", got, findings)
	}
}

func TestFindings(t *testing.T) {
	for _, test := range []struct {
		sentence, text string
		want           []string
	}{
		{"everything is reported at once, in order of line", "nmae: x\ncount: many\non: yes\ntimeout: 30\n", []string{
			`f.yaml:1: nmae: unknown key "nmae"; did you mean name?`,
			`f.yaml:2: count: "many" is no whole number; write digits only, without a unit`,
			`f.yaml:3: on: "yes" is neither true nor false; write true or false`,
			`f.yaml:4: timeout: "30" has no unit; write a duration such as 30s, 30m or 30d`,
		}},
		{"camelCase finds its snake_case", "nested:\n  groupBy: [a]\n", []string{
			`f.yaml:2: nested.groupBy: unknown key "groupBy"; did you mean group_by?`,
		}},
		{"a key like no other lists the known ones", "nested: {zebra: 1}\n", []string{
			`f.yaml:1: nested.zebra: unknown key "zebra"; known keys are group_by`,
		}},
		{"a key that is planned says so", "later: 1\n", []string{`f.yaml:1: later: later is not supported yet; use nested`}},
		{"a repeated key names the first", "count: 1\ncount: 2\n", []string{
			"f.yaml:2: count: the key was given on line 1 already; keep one of them",
		}},
		{"a list where one value belongs", "name: [a]\n", []string{
			"f.yaml:1: name: expected a single value, found a list; write one value; quote it if it begins with { or [",
		}},
		{"one value where a list belongs", "tags: a\n", []string{
			"f.yaml:1: tags: expected a list, found a single value; write [a, b], or one item a line after a dash",
		}},
		{"one value where keys belong", "nested: a\n", []string{
			"f.yaml:1: nested: expected keys and values, found a single value; write key: value, one a line and indented",
		}},
		{"a type of its own explains itself", "tags: [a]\nlevel: low\n", []string{`f.yaml:2: level: "low" is no level; write high`}},
		{"no duration", "timeout: soon\n", []string{
			`f.yaml:1: timeout: "soon" is no duration; write one such as 300ms, 5m, 1h30m or 30d`,
		}},
		{"a tab is no indentation", "nested:\n\tgroup_by: []\n", []string{
			"f.yaml:2: this is no YAML: found character that cannot start any token; " +
				"indent with spaces, not tabs, and quote values that begin with a special character",
		}},
		{"a second document", "count: 1\n---\ncount: 2\n", []string{
			"f.yaml:3: the file holds several documents, and only the first is read; keep everything above the --- line",
		}},
		{"an unset variable", "count: 1\nname: ${env:NOPE}\n", []string{
			"f.yaml:2: the environment variable NOPE is not set; set it, or write the value or a …_file here",
		}},
		{"a quote left open", "count: 1\nname: 'x\n", []string{
			"f.yaml:2: this is no YAML: found unexpected end of stream; close the quote that begins here",
		}},
		{"a bracket left open", "count: 1\ntags: [a\nname: x\n", []string{
			"f.yaml:2: this is no YAML: did not find expected ',' or ']'; check quotes, brackets and indentation from this line on",
		}},
		{"an item that is out of line", "count: 1\ntags:\n  - a\n   - b\n  name: x\n", []string{
			"f.yaml:3: this is no YAML: did not find expected '-' indicator; check quotes, brackets and indentation from this line on",
		}},
		{"a variable within braces needs quotes", "labels: {a: ${env:HOST}}\n", []string{
			"f.yaml:1: this is no YAML: did not find expected ',' or '}'; " +
				`quote "${env:NAME}" where it stands within { } or [ ]`,
		}},
		{"a variable's value is never shown", "count: ${env:KEY}\n", []string{
			"f.yaml:1: count: the value that the environment variable holds does not fit here",
		}},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			if _, got := decode(t, test.text); !reflect.DeepEqual(got, test.want) {
				t.Errorf("findings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestOnlyEnvExpands(t *testing.T) {
	got, findings := decode(t, `
name: "http://${env:HOST}:${env:PORT}/$window?${other}"
count: ${env:PORT}
tags: ["${env:LOOP}"]
raw:
  url: "${env:HOST}"
  port: ${env:PORT}
`)
	if len(findings) > 0 {
		t.Fatalf("findings: %q", findings)
	}
	if want := "http://example.com:8080/$window?${other}"; got.Name != want {
		t.Errorf("name = %s, want %s", got.Name, want)
	}
	if got.Count != 8080 || got.Tags[0] != "${env:LOOP}" {
		t.Errorf("count = %d, tags = %q", got.Count, got.Tags)
	}
	var raw struct {
		URL  string
		Port int
	}
	if err := yaml.Unmarshal(got.Raw, &raw); err != nil || raw.URL != "example.com" || raw.Port != 8080 {
		t.Errorf("raw = %q (%v)", got.Raw, err)
	}
}

func TestFilesThatAskForNoVariablesKeepEveryDollar(t *testing.T) {
	var s sample
	_, findings := yamlconf.Decode([]byte("name: ${env:HOST}$window"), &s, yamlconf.Options{})
	if s.Name != "${env:HOST}$window" || len(findings) > 0 {
		t.Errorf("name = %s, findings %v", s.Name, findings)
	}
}

func TestAliasesAndMerges(t *testing.T) {
	got, findings := decode(t, `
labels: &base {a: "1", b: "2"}
raw: {copy: *base, more: {<<: *base, b: "3"}}
nested: {<<: {group_by: [x]}}
`)
	if len(findings) > 0 {
		t.Fatalf("findings: %q", findings)
	}
	if got.Nested == nil || got.Nested.GroupBy[0] != "x" {
		t.Errorf("nested = %+v", got.Nested)
	}
	var raw map[string]map[string]string
	if err := yaml.Unmarshal(got.Raw, &raw); err != nil {
		t.Fatal(err)
	}
	if raw["copy"]["a"] != "1" || raw["more"]["a"] != "1" || raw["more"]["b"] != "3" {
		t.Errorf("raw = %v", raw)
	}
}

func TestBombsAreDefused(t *testing.T) {
	billion := "raw:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 12 {
		alias := fmt.Sprintf("*a%d", i)
		billion += fmt.Sprintf("  a%d: &a%d [%s]\n", i+1, i+1, strings.Join([]string{alias, alias, alias, alias, alias, alias, alias, alias, alias}, ","))
	}
	for sentence, test := range map[string]struct{ text, want string }{
		"aliases of aliases":     {billion, "aliases expand to more than 10000 values"},
		"an alias inside itself": {"raw: &a [*a]\n", "nested more than 64 deep"},
		"brackets without end":   {"raw: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), "nested more than 64 deep"},
		"a merge of itself":      {"nested: &a {<<: *a}\n", "nested more than 64 deep"},
		"a huge file":            {"name: " + strings.Repeat("x", yamlconf.MaxBytes), "larger than the 1048576 bytes that are read"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, findings := decode(t, test.text)
			if len(findings) != 1 || !strings.Contains(findings[0], test.want) {
				t.Errorf("findings = %q, want one with %q", findings, test.want)
			}
		})
	}
}

func TestDocumentsKeepTheirLines(t *testing.T) {
	docs, findings := yamlconf.Parse([]byte("# only a comment\n---\nmetadata:\n  name: a\n---\n---\nkind: b\nlist:\n  - x\n  - y: 1\n"),
		yamlconf.Options{File: "f.yaml"})
	if len(findings) > 0 || len(docs) != 2 {
		t.Fatalf("%d documents, findings %v", len(docs), findings)
	}
	if docs[0].Line() != 3 || docs[1].Line() != 7 {
		t.Errorf("lines %d and %d, want 3 and 7", docs[0].Line(), docs[1].Line())
	}
	if docs[0].Text("metadata.name") != "a" || docs[1].Text("kind") != "b" || docs[1].Text("list") != "" || docs[1].Text("none.at.all") != "" {
		t.Error("Text found something else")
	}
	for path, want := range map[string]string{
		"list[1].y":    "f.yaml:10:5",
		"list[0]":      "f.yaml:9:5",
		"list[7]":      "f.yaml:8:1",
		"list[1].none": "f.yaml:10:5",
		"kind.deep.er": "f.yaml:7:1",
		"":             "f.yaml:7:1",
	} {
		f := docs[1].Finding(path, "m", "")
		if got := fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column); got != want {
			t.Errorf("%q stands at %s, want %s", path, got, want)
		}
	}
	if !docs[1].Has("list[1].y") || docs[1].Has("list[1].z") {
		t.Error("Has is wrong")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: a\nnested: {group_by: [x]}\n---\nraw: &a [*a, <<]\n"))
	f.Add([]byte("labels: {<<: [&a {b: c}, *a]}\ntimeout: 1h30m\non: ${env:HOST}"))
	f.Add([]byte("? [a]\n: b\n!!binary x: !!set {a}\nlevel: high"))
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _ := yamlconf.Parse(data, yamlconf.Options{ExpandEnv: true, LookupEnv: env})
		for _, doc := range docs {
			var s sample
			for _, finding := range doc.Decode(&s) {
				doc.Finding(finding.Path, finding.Message, "")
			}
		}
	})
}

func TestAListOfObjectsIsOneDocumentForEach(t *testing.T) {
	docs, findings := yamlconf.Parse([]byte("- {kind: A}\n- {kind: B}\n---\nkind: C\n---\n[a, {kind: D}]\n"), yamlconf.Options{File: "f"})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	var kinds []string
	for _, doc := range docs {
		for _, item := range doc.Items() {
			kinds = append(kinds, fmt.Sprintf("%s:%d", item.Text("kind"), item.Line()))
		}
	}
	if got := strings.Join(kinds, " "); got != "A:1 B:2 C:4 :6" {
		t.Errorf("items %q", got)
	}
}

func TestAnotherToolsDocumentHasItsOwnKeysAndItsUnknownKeysAreWarnings(t *testing.T) {
	docs, _ := yamlconf.Parse([]byte("pageAlert: {disable: true}\npage_alert: 1\n"), yamlconf.Options{File: "a.yaml"})
	var into struct {
		PageAlert struct {
			Disable bool `yaml:"disable"`
		} `yaml:"page_alert"`
	}
	findings := docs[0].DecodeForeign(&into, func(key string) string { return strings.ReplaceAll(key, "page_alert", "pageAlert") })
	if !into.PageAlert.Disable {
		t.Error("pageAlert was not read")
	}
	want := `a.yaml:2: page_alert: warning: unknown key "page_alert" is ignored; did you mean pageAlert?`
	if len(findings) != 1 || findings[0].String() != want {
		t.Errorf("got %v, want %s", findings, want)
	}
}

// settings are of a program that reads YAML 1.1, with a type that reads itself as older
// YAML libraries have it.
type settings struct {
	On      bool            `yaml:"on"`
	Port    port            `yaml:"port"`
	Backs   []back          `yaml:"backs"`
	Headers headers         `yaml:"headers"`
	_       yamlconf.NotYet `keys:"trace" instead:"remove it" level:"warning"`
	_       yamlconf.YAML11
}

type back struct {
	Name  string `yaml:"name"`
	Tries int    `yaml:"tries"`
	TLS   bool   `yaml:"tls"`
}

type headers struct {
	All map[string]string `yaml:",inline"`
}

type port struct {
	Host string `yaml:"host"`
	Port int    `yaml:"port"`
}

func (p *port) UnmarshalYAML(read func(any) error) error {
	type plain port
	*p = port{Host: "localhost"}
	if err := read((*plain)(p)); err != nil {
		return err
	}
	if p.Port == 0 {
		return fmt.Errorf("the port is missing")
	}
	return nil
}

func TestFilesOfOtherPrograms(t *testing.T) {
	for _, c := range []struct {
		sentence, text string
		want           settings
		says           string
	}{
		{"a type reads itself with this decoder", "port: {port: 80}", settings{Port: port{"localhost", 80}}, ""},
		{"and what is wrong in it has its line", "port:\n  host: a\n  prot: 80", settings{Port: port{Host: "a"}}, `f.yaml:3: port.prot: unknown key "prot"; did you mean port?`},
		{"and so has what it finds itself", "on: true\nport: {host: a}", settings{On: true, Port: port{Host: "a"}}, "f.yaml:2: port: the port is missing"},
		{"YAML 1.1's booleans", "on: yes\nbacks: [{tls: On}, {tls: n}]", settings{On: true, Backs: []back{{Tries: 3, TLS: true}, {Tries: 3}}}, ""},
		{"items of lists start from defaults", "backs: [{name: a}, {name: b, tries: 1}, ]", settings{Backs: []back{{Name: "a", Tries: 3}, {Name: "b", Tries: 1}}}, ""},
		{"a map takes all further keys", "headers: {X-A: a, X-B: b}", settings{Headers: headers{map[string]string{"X-A": "a", "X-B": "b"}}}, ""},
		{"what is not used is said", "trace: {}", settings{}, "f.yaml:1: trace: warning: trace is not used; remove it"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			var got settings
			_, findings := yamlconf.Decode([]byte(c.text), &got, yamlconf.Options{File: "f.yaml", Defaults: []any{back{Tries: 3}}})
			if !reflect.DeepEqual(got, c.want) || findings.Error() != c.says {
				t.Errorf("read as %+v with\n%v\nwant %+v with\n%s", got, findings, c.want, c.says)
			}
		})
	}
}
