package alertconf

import (
	"errors"
	"fmt"
	"time"

	"burnline/alerting/post"
	"burnline/slo"
)

// PagerDutyWebhook is how PagerDuty tells what people did about incidents there.
type PagerDutyWebhook struct {
	// SecretFiles hold the signing secrets of the webhook subscriptions, one each. They are read
	// at each webhook, so that one may be replaced without a reload. None takes no webhooks.
	SecretFiles []string `yaml:"secret_files"`
	// ResolvedGrace is after what time what was resolved by hand is told again if it goes on.
	ResolvedGrace time.Duration `yaml:"resolved_grace"`
}

const defaultResolvedGrace = 5 * time.Minute

// leastGrace keeps a person and Burnline from answering each other without end.
const leastGrace = time.Minute

// finish lets paths start from dir and returns what is wrong.
func (w *PagerDutyWebhook) finish(dir string) []slo.Finding {
	at := key + ".pagerduty_webhook."
	var findings []slo.Finding
	for i := range w.SecretFiles {
		absolute(&w.SecretFiles[i], dir)
		if _, err := w.secret(i); err != nil {
			findings = append(findings, slo.Finding{Path: fmt.Sprintf("%ssecret_files[%d]", at, i), Level: slo.LevelError, Message: err.Error(),
				Instead: "write the path of a file that holds the signing secret of the webhook subscription"})
		}
	}
	if w.ResolvedGrace < leastGrace {
		findings = append(findings, slo.Finding{Path: at + "resolved_grace", Level: slo.LevelError,
			Message: "it is less than a minute, so that whoever resolves is paged at once", Instead: "write 5m, or leave it out"})
	}
	return findings
}

func (w *PagerDutyWebhook) secret(i int) (string, error) {
	if w.SecretFiles[i] == "" {
		return "", errors.New("it names no file")
	}
	return post.Read("secret", "", w.SecretFiles[i])
}

// Secrets reads the signing secrets. One that can't be read does not keep the others from being
// taken; without any there is an error.
func (w *PagerDutyWebhook) Secrets() ([]string, error) {
	var secrets []string
	errs := []error{errors.New("no secret of a webhook subscription can be read; write alerting.pagerduty_webhook.secret_files")}
	for i := range w.SecretFiles {
		secret, err := w.secret(i)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 {
		return nil, errors.Join(errs...)
	}
	return secrets, nil
}

// SlackSecrets returns the signing secrets of the Slack apps whose buttons may be pressed, as they are
// now. One that can't be read is left out.
func (f *File) SlackSecrets() []string {
	var secrets []string
	for _, r := range f.Receivers {
		for _, c := range r.Slack {
			if secret, err := post.Read("signing_secret", c.SigningSecret, c.SigningSecretFile); err == nil && secret != "" {
				secrets = append(secrets, secret)
			}
		}
	}
	return secrets
}
