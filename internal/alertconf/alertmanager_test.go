package alertconf

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// refusedByAlertmanager are the files of its own tests that Alertmanager 0.34.2 refuses, as
// its loader says; it takes all others.
var refusedByAlertmanager = []string{
	"conf.mattermost-both-webhook-url-and-file.yml", "conf.mattermost-no-webhook-url.yml",
	"conf.mattermost-valid-receiver-both-webhook-url-and-file.yml",
	"conf.nil-match_re-route.yml", "conf.nil-source_match_re-inhibition.yml", "conf.nil-target_match_re-inhibition.yml",
	"conf.opsgenie-both-file-and-apikey.yml", "conf.opsgenie-default-apikey-old-team.yml", "conf.opsgenie-no-apikey.yml",
	"conf.rocketchat-both-token-and-tokenfile.yml", "conf.rocketchat-both-tokenid-and-tokenidfile.yml", "conf.rocketchat-no-token.yml",
	"conf.slack-both-file-and-token.yml", "conf.slack-both-file-and-url.yml", "conf.slack-both-url-and-token.yml",
	"conf.slack-no-api-url-or-token.yml", "conf.slack-update-message-and-webhook.yml",
	"conf.smtp-both-password-and-file.yml", "conf.sns-invalid.yml",
	"conf.telegram-both-bot-token-and-file.yml", "conf.telegram-no-bot-token.yml", "conf.telegram-valid-receiver-both-bot-token-and-file.yml",
	"conf.victorops-both-file-and-apikey.yml", "conf.victorops-no-apikey.yml",
	"conf.wechat-both-file-and-secret.yml", "conf.wechat-no-api-secret.yml",
}

// refusedHere are the reasons for which Burnline refuses what Alertmanager takes: kinds of
// receivers that are not there, keys of PagerDuty and addresses of Slack's API that can't be theirs, and
// files of secrets that are missing, which Alertmanager notices when it sends.
var refusedHere = regexp.MustCompile(`_configs: \w+ is not supported yet; |service_key is not supported yet; |routing_key (holds|is missing)|app_url is not the address of chat.postMessage|read \w+_file: open `)

// TestFilesOfAlertmanagersOwnTests reads every configuration of its module and compares what
// becomes of it.
func TestFilesOfAlertmanagersOwnTests(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/alertmanager").Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	var files []string
	for _, pattern := range []string{"config/testdata/*.yml", "doc/examples/*.yml", "examples/ha/*.yml"} {
		found, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 45 {
		t.Fatalf("only %d files are there", len(files))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			_, findings, err := ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			errs := findings.Errors()
			if slices.Contains(refusedByAlertmanager, name) {
				if len(errs) == 0 {
					t.Errorf("Alertmanager refuses it, and Burnline takes it: %v", findings)
				}
				return
			}
			for _, f := range errs {
				if !refusedHere.MatchString(f.String()) {
					t.Errorf("Alertmanager takes it; here: %s", f)
				}
			}
			for _, f := range findings {
				if f.Line == 0 {
					t.Errorf("it has no line: %s", f)
				}
			}
		})
	}
}
