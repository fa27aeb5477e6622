package pyrra_test

import (
	"testing"

	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/pyrra"
)

func TestWhatPyrraCantSayIsReported(t *testing.T) { dialecttest.Reported(t, pyrra.Write, *update) }

func TestAFailedWriteIsAnError(t *testing.T) { dialecttest.FailedWrite(t, pyrra.Write) }
