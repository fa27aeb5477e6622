package changes

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestChangesOfTheLastHoursAreRecordedWithWhenTheyHappened(t *testing.T) {
	now := time.Date(2026, time.March, 3, 14, 2, 0, 0, time.UTC)
	k := &Keeper{recent: []slo.ChangeEvent{
		{ID: "b", Kind: slo.ChangeDeploy, At: now.Add(-time.Minute), Service: "checkout", Title: "checkout 1.5.0", Version: "1.5.0"},
		{ID: "a", Kind: slo.ChangeFlag, At: now.Add(-6 * time.Hour), Title: "new prices"},
		{ID: "old", Kind: slo.ChangeDeploy, At: now.Add(-7 * time.Hour), Title: "forgotten"},
	}}
	rows := k.Recorded(now)
	want := []string{
		`slo_change_timestamp_seconds{change="b", kind="deploy", service="checkout", title="checkout 1.5.0", version="1.5.0"}`,
		`slo_change_timestamp_seconds{change="a", kind="flag", title="new prices"}`,
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %+v", len(rows), len(want), rows)
	}
	for i, r := range rows {
		if r.Labels.String() != want[i] || r.T != now.UnixMilli() || r.V != float64(k.recent[i].At.Unix()) {
			t.Errorf("row %d is %s = %v at %d, want %s", i, r.Labels, r.V, r.T, want[i])
		}
	}
}
