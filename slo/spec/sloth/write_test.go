package sloth_test

import (
	"bytes"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/sloth"
)

func TestWhatSlothCantSayIsReported(t *testing.T) { dialecttest.Reported(t, sloth.Write, *update) }

func TestFactorsOfOtherPeriodsAreSloths(t *testing.T) {
	defs := dialecttest.Definitions()[:1]
	defs[0].ID, defs[0].Dialect = "checkout/plain", slo.Sloth
	defs[0].Window.Rolling = 28 * 24 * time.Hour
	defs[0].Policies, _ = slo.Resolve(nil, defs[0].Window.Rolling, defs[0].Budget())
	findings, err := sloth.Write(&bytes.Buffer{}, defs)
	if err != nil || len(findings) != 1 || findings[0].Path != "spec.window" {
		t.Errorf("only the window is lost, got %v (%v)", findings, err)
	}
}

func TestAFailedWriteIsAnError(t *testing.T) { dialecttest.FailedWrite(t, sloth.Write) }
