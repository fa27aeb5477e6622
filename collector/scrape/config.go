package scrape

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/config"
	// The kinds of service discovery besides static_configs, which is built in.
	_ "github.com/prometheus/prometheus/discovery/dns"
	_ "github.com/prometheus/prometheus/discovery/file"
	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// global is what every job starts from. It stands last, so that lines in errors
// are those of the jobs. Histograms are as Prometheus' defaults have them: classic
// unless a job asks for native ones, never both, since an SLO would count both.
// Protobuf comes first, since the text formats that most clients answer with carry
// no start timestamps.
const global = `
global:
  scrape_interval: 15s
  scrape_timeout: 10s
  scrape_protocols: [PrometheusProto, OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText1.0.0, PrometheusText0.0.4]
`

// builtIn reports whether a key is a kind of service discovery that works.
func builtIn(key string) bool { return key == "file_sd_configs" || key == "dns_sd_configs" }

// maxConfig is the most that scrape configs may hold, in bytes.
const maxConfig = 4 << 20

// Check reads a YAML list of scrape configs and returns everything that is
// wrong with it. Lines count from the list's first.
func Check(configs []byte) slo.Findings {
	_, findings := parse(configs, "")
	return findings
}

// parse reads a list of scrape configs; relative paths are below dir. The
// config is usable when there are no findings.
func parse(configs []byte, dir string) (*config.Config, slo.Findings) {
	jobs, findings := split(configs)
	names := map[string]int{}
	var all bytes.Buffer
	for i, j := range jobs {
		findings = append(findings, j.check(i)...)
		if first, ok := names[j.name]; ok && j.name != "" {
			findings = append(findings, finding(j.line, path(i, "job_name"),
				fmt.Sprintf("job %q is there already in line %d", j.name, first), "give each job a name of its own"))
		} else {
			names[j.name] = j.line
		}
		all.Write(j.text)
	}
	if len(findings) > 0 {
		return nil, findings
	}
	cfg, err := load(all.Bytes())
	if err != nil {
		return nil, slo.Findings{finding(1, "scrape_configs", err.Error(), "")}
	}
	cfg.SetDirectory(dir)
	return cfg, nil
}

// job is one entry of the list.
type job struct {
	name string
	line int
	text []byte // a list of this one entry
	node *yaml.Node
}

// split reads the list into its entries.
func split(configs []byte) ([]job, slo.Findings) {
	if len(configs) > maxConfig {
		return nil, slo.Findings{finding(1, "scrape_configs", "the list is larger than 4 MiB", "split large target lists off into file_sd_configs")}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(configs, &doc); err != nil {
		line, text := yamlError(err)
		return nil, slo.Findings{finding(line, "scrape_configs", text, "")}
	}
	if doc.Kind == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil // Nothing to scrape.
	}
	list := doc.Content[0]
	if list.Kind != yaml.SequenceNode {
		return nil, slo.Findings{finding(list.Line, "scrape_configs", "not a list of jobs", "write - job_name: …")}
	}
	var (
		jobs     []job
		findings slo.Findings
		room     = maxNodes
	)
	for i, node := range list.Content {
		node = plain(node, &room)
		if room < 0 {
			return nil, slo.Findings{finding(node.Line, path(i, ""), "the list grows too large by its aliases", "write the jobs out")}
		}
		if node.Kind != yaml.MappingNode {
			findings = append(findings, finding(node.Line, path(i, ""), "not a job", "write - job_name: …"))
			continue
		}
		j := job{line: node.Line, node: node}
		text, err := yaml.Marshal(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}})
		if err != nil {
			findings = append(findings, finding(node.Line, path(i, ""), err.Error(), ""))
			continue
		}
		j.text = text
		for k := 0; k+1 < len(node.Content); k += 2 {
			if node.Content[k].Value == "job_name" {
				j.name = node.Content[k+1].Value
			}
		}
		jobs = append(jobs, j)
	}
	return jobs, findings
}

// check finds what is wrong with one job by itself.
func (j job) check(i int) slo.Findings {
	var findings slo.Findings
	for k := 0; k+1 < len(j.node.Content); k += 2 {
		key := j.node.Content[k]
		if strings.HasSuffix(key.Value, "_sd_configs") && !builtIn(key.Value) {
			findings = append(findings, finding(key.Line, path(i, key.Value), "this kind of service discovery is not built in",
				"use static_configs, file_sd_configs or dns_sd_configs"))
		}
	}
	if len(findings) > 0 {
		return findings
	}
	if _, err := load(j.text); err != nil {
		_, text := yamlError(err)
		return slo.Findings{finding(j.lineOf(text), path(i, ""), text, "see Prometheus' documentation of scrape_config")}
	}
	return nil
}

// lineOf finds the line of the key that a message names; the job's own line when none.
func (j job) lineOf(message string) int {
	for k := 0; k+1 < len(j.node.Content); k += 2 {
		if key := j.node.Content[k]; strings.Contains(message, key.Value) {
			return key.Line
		}
	}
	return j.line
}

// load lets Prometheus read a list of jobs.
func load(jobs []byte) (*config.Config, error) {
	text := global
	if len(jobs) > 0 {
		text = "scrape_configs:\n" + string(jobs) + global
	}
	return config.Load(text, slog.New(slog.DiscardHandler))
}

// linePattern finds where a YAML error was.
var linePattern = regexp.MustCompile(`line (\d+): `)

// yamlError takes the line out of a YAML error and shortens it to one line.
func yamlError(err error) (line int, text string) {
	text = strings.Join(strings.Fields(err.Error()), " ")
	line = 1
	if m := linePattern.FindStringSubmatch(text); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		text = linePattern.ReplaceAllString(text, "")
	}
	text = strings.TrimPrefix(text, "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors: ")
	return line, text
}

// path names a field of a job.
func path(i int, key string) string {
	p := fmt.Sprintf("scrape_configs[%d]", i)
	if key != "" {
		p += "." + key
	}
	return p
}

func finding(line int, path, message, instead string) slo.Finding {
	return slo.Finding{Source: slo.Source{Line: line}, Path: path, Level: slo.LevelError, Message: message, Instead: instead}
}

// maxNodes is the most that a list may hold once its aliases are written out.
const maxNodes = 200_000

// plain returns a node with its aliases written out; room is how many nodes
// may still be written, and goes below 0 when they are more.
func plain(n *yaml.Node, room *int) *yaml.Node {
	if *room--; *room < 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	if n.Kind == yaml.AliasNode {
		return plain(n.Alias, room)
	}
	c := *n
	c.Anchor, c.HeadComment, c.LineComment, c.FootComment = "", "", "", ""
	c.Content = make([]*yaml.Node, len(n.Content))
	for i := range n.Content {
		c.Content[i] = plain(n.Content[i], room)
	}
	return &c
}
