package sloth_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/sloth"
)

func TestWhatSlothCantSayIsReported(t *testing.T) {
	var out bytes.Buffer
	findings, err := sloth.Write(&out, dialecttest.Definitions())
	if err != nil {
		t.Fatal(err)
	}
	dialecttest.Same(t, "testdata/written.golden", out.String()+"\n"+dialecttest.Text(nil, findings), *update)
}

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

func TestAFailedWriteIsAnError(t *testing.T) {
	if _, err := sloth.Write(full{}, dialecttest.Definitions()); err == nil {
		t.Error("no error")
	}
	if findings, err := sloth.Write(full{}, nil); err != nil || findings != nil {
		t.Errorf("nothing to write: %v, %v", findings, err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
