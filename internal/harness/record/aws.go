package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/cloudwatch"
	"burnline/rules/packs"
)

// recordAWS records what yet-another-cloudwatch-exporter says, configured as each pack says, of what a stand-in for
// CloudWatch has to tell.
func recordAWS(ctx context.Context, s *stage) error {
	for _, pack := range []string{"aws-elb", "aws-lambda", "aws-rds", "aws-sqs"} {
		if err := s.aws(ctx, pack); err != nil {
			return fmt.Errorf("%s: %w", pack, err)
		}
	}
	return nil
}

// aws records one pack.
func (s *stage) aws(ctx context.Context, pack string) error {
	told := estate()
	told.Now, told.Late = time.Now, 2*time.Minute
	cloud := httptest.NewServer(cloudwatch.New(told))
	defer cloud.Close()
	config, err := setUp(pack)
	if err != nil {
		return err
	}
	file := filepath.Join(s.dir, pack+".yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return err
	}
	free, err := addresses(ctx, 1)
	if err != nil {
		return err
	}
	env := []string{"AWS_ENDPOINT_URL=" + cloud.URL, "AWS_ACCESS_KEY_ID=recorder", "AWS_SECRET_ACCESS_KEY=recorder", "AWS_REGION=" + cloudwatch.Region, "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + os.DevNull}
	p, err := s.start(ctx, "yace", "", env, "--config.file", file, "--listen-address", free[0], "--scraping-interval", "5")
	if err != nil {
		return err
	}
	read, err := readBy(pack)
	if err != nil {
		return err
	}
	var text []byte
	err = harness.Poll(ctx, time.Second, func() (bool, error) {
		text, _ = said(ctx, http.DefaultClient, "http://"+free[0]+"/metrics") // it may not listen yet
		for line := range strings.Lines(string(text)) {
			if name, _, labels := strings.Cut(line, "{"); labels && read(name) {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("the exporter never tells anything: %w\n%s\n%s", err, text, p.Output())
	}
	if strings.Contains(p.Output(), "level=ERROR") || strings.Contains(p.Output(), `"level":"ERROR"`) {
		return fmt.Errorf("the exporter complains:\n%s", p.Output())
	}
	return s.keep(pack, "yet-another-cloudwatch-exporter "+version(p.Output())+" before a stand-in for CloudWatch", text, nil)
}

// version finds an exporter's version in what it logs at its start.
func version(log string) string {
	found := regexp.MustCompile(`"version":"([^"]+)"`).FindStringSubmatch(log)
	if found == nil {
		return "of an unknown version"
	}
	return found[1]
}

// setUp is the configuration that a pack says its exporter needs.
func setUp(pack string) (string, error) {
	p, err := packs.Find(pack)
	if err != nil {
		return "", err
	}
	var config strings.Builder
	for line := range strings.Lines(p.Setup) {
		if indented, ok := strings.CutPrefix(line, "  "); ok {
			config.WriteString(indented)
		}
	}
	return config.String(), nil
}
