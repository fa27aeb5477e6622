package alerting_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func TestWhatAReceiverCalledAMessageIsGivenWithTheNextOnes(t *testing.T) {
	tell(t, func(s *story) {
		var given []string
		s.receiver.slow = func(_ context.Context, row alerting.Row) { given = append(given, string(row.Action)+" "+row.Receipt) }
		s.receiver.answers(retry("500"), alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "200", Receipt: "C1 17.1", TemplateErrors: 2})
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		synctest.Wait()
		if want := []string{"trigger ", "trigger ", "resolve C1 17.1"}; !slices.Equal(given, want) {
			t.Errorf("given were %q, want %q", given, want)
		}
		found, err := s.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range found {
			if family.GetName() == "burnline_outbox_template_errors_total" && family.GetMetric()[0].GetCounter().GetValue() != 2 {
				t.Errorf("template errors are %v", family.GetMetric())
			}
		}
	})
}
