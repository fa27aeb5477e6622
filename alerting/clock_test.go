package alerting_test

import (
	"testing"
	"testing/synctest"
	"time"

	"burnline/slo"
)

func TestAClockThatIsSetBackDelaysNoPage(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("500"), retry("500"), retry("500"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(4 * time.Second)
		s.ahead.Store(int64(-2 * time.Hour))
		s.pass(time.Minute)
		s.commit(slo.IncidentOpened, "k2")
		synctest.Wait()
		s.sent("0s k1 trigger: retry", "1s k1 trigger: retry", "3s k1 trigger: retry", "8s k1 trigger: accepted", "1m4s k2 trigger: accepted")
	})
}

func TestAClockThatIsSetForwardDelaysNoPage(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.pass(4 * time.Second)
		s.ahead.Store(int64(2 * time.Hour))
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.sent("4s k1 trigger: accepted")
	})
}
