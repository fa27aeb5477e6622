package pyrra_test

import (
	"bytes"
	"errors"
	"testing"

	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/pyrra"
)

func TestWhatPyrraCantSayIsReported(t *testing.T) {
	var out bytes.Buffer
	findings, err := pyrra.Write(&out, dialecttest.Definitions())
	if err != nil {
		t.Fatal(err)
	}
	dialecttest.Same(t, "testdata/written.golden", out.String()+"\n"+dialecttest.Text(nil, findings), *update)
}

func TestAFailedWriteIsAnError(t *testing.T) {
	if _, err := pyrra.Write(full{}, dialecttest.Definitions()); err == nil {
		t.Error("no error")
	}
	if findings, err := pyrra.Write(full{}, nil); err != nil || findings != nil {
		t.Errorf("nothing to write: %v, %v", findings, err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
