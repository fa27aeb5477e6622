package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"burnline/internal/harness/nasty"
)

// Whatever a message of the log carries, it is one line of signs that can be printed.
func TestATextFromOutsideIsOneLineOfTheLog(t *testing.T) {
	for name, text := range nasty.Texts() {
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetErr(&out)
		logger, err := (&serverFlags{logLevel: "debug"}).logger(cmd)
		if err != nil {
			t.Fatal(err)
		}
		logger.Warn("a message can't be delivered", "receiver", text, "error", errors.New(text))
		line, ended := strings.CutSuffix(out.String(), "\n")
		if !ended || strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) || strings.Count(line, " level=") != 1 {
			t.Errorf("%s: the log has %q", name, out.String())
		}
	}
}
