package judge

import (
	"testing"
	"testing/synctest"
	"time"

	"burnline/slo"
)

func TestAGroupThatIsForgottenWhileASpanOfItIsJudgedKeepsItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, shown := newStore(), &sink{}
		j := newJudge(t, s, []slo.Definition{definition()}, func(o *Options) { o.Sink = shown })
		count(t, j, now(1, 1)...)
		time.Sleep(24*time.Hour + time.Minute)
		late := j.request()
		spans := j.judge(j.rules.Load(), traces(now(2, 1)...), late)
		count(t, j, now(3, 1, func(s *one) { s.region = "us" })...) // the service reports, and eu had no event for a day
		if err := j.ledger.commit(t.Context(), late); err != nil {
			t.Fatal(err)
		}
		j.show(late, spans)
		all := s.counted("cloud_region")
		sums := map[string]float64{}
		for b, n := range all {
			sums[b.group] += n
		}
		if sums["eu;"] != 2 || sums["us;"] != 1 || len(sums) != 2 {
			t.Errorf("counted %v, want 2 of eu and 1 of us", sums)
		}
		if len(shown.all) != 3 || shown.all[2].Group.String() != shown.all[0].Group.String() {
			t.Errorf("the sink was shown %+v, want the third of the group of the first", shown.all)
		}
	})
}
