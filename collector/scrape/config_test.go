package scrape

import (
	"strings"
	"testing"
)

func TestEverythingThatIsWrongIsFoundAtOnce(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"an empty list is fine", "", ""},
		{"as is one that holds nothing", "[]", ""},
		{"a job as Prometheus documents it", "- job_name: a\n  scrape_interval: 5s\n  static_configs: [{targets: ['h:1']}]\n  metric_relabel_configs:\n    - {source_labels: [__name__], regex: go_.*, action: drop}\n", ""},
		{"files and DNS", "- job_name: a\n  file_sd_configs: [{files: ['*.json']}]\n  dns_sd_configs: [{names: [a.example]}]\n", ""},
		{"flow style", "[{job_name: a, static_configs: [{targets: ['h:1']}]}]", ""},
		{
			"service discovery that is not built in",
			"- job_name: a\n  kubernetes_sd_configs: [{role: pod}]\n- job_name: b\n  consul_sd_configs: []\n",
			":2: scrape_configs[0].kubernetes_sd_configs: this kind of service discovery is not built in; use static_configs, file_sd_configs or dns_sd_configs\n" +
				":4: scrape_configs[1].consul_sd_configs: this kind of service discovery is not built in; use static_configs, file_sd_configs or dns_sd_configs",
		},
		{"an unknown key", "- job_name: a\n\n  scrape_intervall: 5s\n", ":3: scrape_configs[0]: field scrape_intervall not found"},
		{"a job without a name", "- static_configs: [{targets: ['h:1']}]\n", ":1: scrape_configs[0]: job_name is empty"},
		{"a name twice", "- job_name: a\n- job_name: a\n", `:2: scrape_configs[1].job_name: job "a" is there already in line 1; give each job a name of its own`},
		{"a time-out beyond the interval", "- job_name: a\n  scrape_interval: 5s\n  scrape_timeout: 6s\n", "scrape timeout greater than scrape interval"},
		{"a URL as a target", "- job_name: a\n  static_configs: [{targets: ['http://h:1/metrics']}]\n", "is not a valid hostname"},
		{"not a list", "job_name: a\n", ":1: scrape_configs: not a list of jobs; write - job_name: …"},
		{"not a job", "- a\n", ":1: scrape_configs[0]: not a job"},
		{"not YAML", "- job_name: [a\n", "scrape_configs: "},
		{"aliases that multiply", bomb(), "grows too large by its aliases"},
	} {
		got := Check([]byte(c.config)).Error()
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// bomb is a list that would hold ten million scalars.
func bomb() string {
	s := "- job_name: a\n  x0: &x0 [1,1,1,1,1,1,1,1,1,1]\n"
	for i := range 6 {
		ref := strings.Repeat("*x"+string(rune('0'+i))+",", 10)
		s += "  x" + string(rune('1'+i)) + ": &x" + string(rune('1'+i)) + " [" + ref + "]\n"
	}
	return s
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("- job_name: a\n  static_configs: [{targets: ['h:1']}]\n"))
	f.Add([]byte("- &a {job_name: x}\n- *a\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _ = Check(data).Error() })
}
