package alerting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func TestAHeldPageIsMergedIntoThatOfItsDependency(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 30)
		r.opens("shop/buy", "web")
		r.pass(5 * time.Second)
		r.told()
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("5s bank: trigger page of pay: ", "5s web: trigger ticket of buy: The page of bank/pay tells this too, so nobody is paged for it here: shop: ")
		r.decided("buy", "0s web held", "5s web merged pay")
		r.closes("shop/buy", "web")
		r.closes("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("1m5s web: resolve page of buy: ", "1m5s bank: resolve page of pay: ")
	})
}

func TestThePageOfADependencyNamesWhatItTellsToo(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 30)
		r.opens("shop/buy", "web")
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		lines := r.receiver.lines()
		if !slices.ContainsFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, "0s bank: trigger") && strings.HasSuffix(line, " It tells the page of shop/buy too, which depends on it.")
		}) {
			t.Errorf("the page says %q", lines)
		}
		r.told("0s bank: trigger page of pay: ", "0s web: trigger ticket of buy: ")
		r.opens("web/home", "bank") // the same receiver is told by the page alone
		r.pass(time.Minute)
		lines = r.receiver.lines()
		if len(lines) != 1 || !strings.HasSuffix(lines[0], " It tells the pages of shop/buy and web/home too, which depend on it.") {
			t.Errorf("the update says %q", lines)
		}
		r.told("1m0s bank: update page of pay: bank: 1 in 4 ")
	})
}

func TestAHeldPageLeavesAfterFifteenSecondsWhateverBecomesOfTheRouter(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.opens("shop/buy", "web") // nothing is known of the bank
		r.halt()
		r.pass(time.Minute)
		r.told("15s web: trigger page of buy: shop: 1 in 4 ")
		r.restart()
		r.pass(time.Minute)
		r.told()
		r.decided("buy", "0s web held", "1m0s web send")
	})
}

func TestAPageWhoseDependencyFaresWellIsNotHeld(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 0.1)
		r.opens("shop/buy", "web")
		r.pass(time.Second)
		r.told("0s web: trigger page of buy: ")
		r.decided("buy", "0s web send")
	})
}

func TestAPageThatWasSentIsMergedAfterwardsAndToldAgain(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 0.1)
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("0s web: trigger page of buy: ", "1m0s bank: trigger page of pay: ",
			"1m0s web: resolve page of buy: Merged into the page of bank/pay, which opened at 00:01 UTC and tells this too; it is not over: ")
		r.restart() // what was decided is known after a crash
		r.pass(time.Minute)
		r.told()
		r.closes("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("3m0s bank: resolve page of pay: ", "3m0s web: trigger page of buy: The page that told it too is over, and it goes on. ")
		r.closes("shop/buy", "web")
		r.pass(time.Minute)
		r.told("4m0s web: resolve page of buy: ")
		r.decided("buy", "0s web send", "1m0s web merged pay", "3m0s web send")
	})
}

func TestANoteBecomesAPageWhenTheDependencyIsOver(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		r.told("0s bank: trigger page of pay: ", "0s web: trigger ticket of buy: The page of bank/pay tells this too", "0s bank: update page of pay: ")
		r.closes("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("1m0s bank: resolve page of pay: ", "1m0s web: resolve ticket of buy: No other page tells this any more",
			"1m0s web: trigger page of buy: The page that told it too is over, and it goes on. ")
	})
}

func TestDependenciesOfDependenciesMergeIntoTheFurthest(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 0.1)
		r.burns("shop/buy", 0.1)
		for _, id := range []string{"web/home", "shop/buy", "bank/pay"} {
			r.opens(id, "web", func(t *slo.Transition) {
				if id == "bank/pay" {
					t.Incident.Team = "bank"
				}
			})
			r.pass(time.Minute)
		}
		r.told("0s web: trigger page of home: ", "1m0s web: trigger page of buy: ",
			"1m0s web: resolve page of home: Merged into the page of shop/buy",
			"2m0s bank: trigger page of pay: ", "2m0s web: resolve page of buy: Merged into the page of bank/pay")
		r.decided("home", "0s web send", "1m0s web merged buy", "2m0s web merged pay")
	})
}

func TestASilencedDependencyExplainsNothing(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.router.SetSilences([]alerting.Silence{r.silence("bank", 10*time.Minute, 0)})
		r.opens("bank/pay", "bank")
		r.burns("bank/pay", 0.1)
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		r.told("0s web: trigger page of buy: ")
		r.pass(10 * time.Minute)
		r.told("10m0s bank: trigger page of pay: It began under a silence that is over. ", "10m0s web: resolve page of buy: Merged into the page of bank/pay")
	})
}

func TestARiseOfADependentIsMergedAndItsTicketEnds(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.opens("shop/buy", "web", func(t *slo.Transition) { t.Incident.Key, t.Incident.Severity = "ticket", slo.Ticket })
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("0s web: trigger ticket of ticket: ", "0s bank: trigger page of pay: ")
		r.opens("shop/buy", "web", func(t *slo.Transition) { t.Incident.Replaces = "ticket" })
		r.pass(time.Minute)
		r.told("1m0s web: trigger ticket of buy: The page of bank/pay tells this too", "1m0s web: resolve ticket of ticket: This ticket rose to a page. ",
			"1m0s bank: update page of pay: ")
	})
}

// Another node on the same database opens and closes what this one depends on.
func TestWhatAnotherNodeCommitsIsFollowed(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.burns("bank/pay", 30)
		r.opens("shop/buy", "web")
		r.pass(time.Second)
		other, err := alerting.NewRouter(alerting.Options{Store: r.store, Config: r.config, Now: r.now, Wake: r.deliverer.Wake})
		if err != nil {
			t.Fatal(err)
		}
		here := r.router
		r.router = other
		r.opens("bank/pay", "bank")
		r.router = here
		r.pass(10 * time.Second)
		r.told("1s bank: trigger page of pay: ", "5s web: trigger ticket of buy: ", "5s bank: update page of pay: ")
		r.router = other
		r.closes("bank/pay", "bank")
		r.router = here
		r.pass(10 * time.Second)
		r.told("11s bank: resolve page of pay: ", "15s web: resolve ticket of buy: ", "15s web: trigger page of buy: ")
	})
}
