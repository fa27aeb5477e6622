package app

import (
	"testing"
	"time"
)

func TestWhatIsKeptForGoodIsNeverOld(t *testing.T) {
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	if at := before(now, 0); !at.IsZero() {
		t.Errorf("what is kept for good is old before %s", at)
	}
	if at := before(now, 48*time.Hour); !at.Equal(now.Add(-48 * time.Hour)) {
		t.Errorf("what is kept for two days is old before %s", at)
	}
}
