package alerting_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
)

// refuses plays stories in which the bank's receiver refuses everything, each with a destination of its own.
func refuses(t *testing.T, change func(*alerting.Config), play func(r *routed)) {
	t.Helper()
	tellRouted(t, change, func(r *routed) {
		r.receiver.mu.Lock()
		r.receiver.ends = true
		r.receiver.mu.Unlock()
		r.receiver.fails("bank,rest", refuse("400 wrong key"))
		play(r)
	})
}

// fallback gives the bank's receiver a fallback.
func fallback(name string) func(*alerting.Config) {
	return func(c *alerting.Config) {
		c.Receivers[1].Fallback = name
		c.Receivers = append(c.Receivers, alerting.ReceiverConfig{Name: "rest", Integrations: c.Receivers[0].Integrations})
	}
}

// Nobody may be left untold because a page that nobody got would have told it.
func TestADependencyWhosePageIsRefusedExplainsNothing(t *testing.T) {
	refuses(t, nil, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		r.told("0s web: trigger ticket of buy: The page of bank/pay tells this too", "0s web: resolve ticket of buy: No other page tells this any more",
			"0s web: trigger page of buy: Nobody could be told of the page that tells it too. shop: 1 in 4 ")
		r.decided("buy", "0s web merged pay", "0s web send")
		r.receiver.fails("", alerting.Result{})
		if err := r.router.Reload(context.Background(), r.config); err != nil { // it is tried again, with the right key
			t.Fatal(err)
		}
		r.pass(time.Minute)
		r.told("1m0s bank: trigger page of pay: ", "1m0s bank: update page of pay: ", "1m0s web: resolve page of buy: Merged into the page of bank/pay")
	})
}

func TestAPageThatItsFallbackTookExplainsWhatItsReceiverRefused(t *testing.T) {
	refuses(t, fallback("oncall"), func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		r.told("0s web: trigger ticket of buy: The page of bank/pay tells this too", "0s oncall: trigger page of pay: For bank, which refused this (400 wrong key): ")
		r.decided("buy", "0s web merged pay")
	})
}

func TestWhereTheFallbackRefusesTooTheDependentIsTold(t *testing.T) {
	refuses(t, fallback("rest"), func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web")
		r.pass(time.Minute)
		// Whether the look at open incidents comes right after the second refusal or before it is chance.
		got := r.decisions("buy")
		at, send := "", false
		if len(got) == 2 && got[0] == "0s web merged pay" {
			at, send = strings.CutSuffix(got[1], " web send")
		}
		if !send || at != "0s" && at != "5s" {
			t.Errorf("decisions of buy: %q", got)
		}
	})
}

func TestAPageThatNobodyTakesForTwoMinutesExplainsNothing(t *testing.T) {
	refuses(t, nil, func(r *routed) {
		r.receiver.fails("bank", retry("503"))
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web")
		r.pass(115 * time.Second)
		r.decided("buy", "0s web merged pay")
		r.pass(10 * time.Second)
		r.decided("buy", "0s web merged pay", "2m0s web send")
	})
}

func TestAnIncidentThatNobodyCouldBeToldOfKeepsNoneQuiet(t *testing.T) {
	refuses(t, func(c *alerting.Config) {
		c.DependsOn = nil
		c.Inhibit = []alerting.InhibitRule{{Source: where(t, `severity="page"`), Target: where(t, `severity="ticket"`)}}
	}, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("shop/buy", "web", ticket)
		r.pass(time.Minute)
		r.told("0s web: trigger ticket of buy: Nobody could be told of the alert that kept it quiet. shop: 1 in 4 ")
		r.decided("buy", "0s web inhibited pay", "0s web send")
	})
}
