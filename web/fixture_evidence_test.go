package web

import (
	"time"

	"burnline/slo"
)

// knownOfCheckout is what is known of the shop's open page.
func knownOfCheckout(now time.Time) *slo.Evidence {
	started := now.Add(-14 * time.Minute)
	return &slo.Evidence{
		AsOf: now.Add(-20 * time.Second),
		Impact: &slo.Impact{Failed: 1204, Total: 4816,
			Customers: &slo.Customers{Hurt: 312, Seen: 1204, Attribute: "enduser.id", Unnamed: 0.04, HurtExact: true},
			Regions:   []slo.Part{{Name: "eu", Failed: 1190, Total: 2400}, {Name: "us", Failed: 14, Total: 2416}}, Cost: &slo.Cost{Amount: 42140, Currency: "EUR"}},
		Where: &slo.Where{Events: 4816, Attributes: []string{"cloud.region", "payment.method"}, Explanations: []slo.Explanation{{
			Labels: slo.NewLabels("cloud.region", "eu", "payment.method", "card"), Failed: 1180, Total: 1570, Ratio: 0.75, Outside: 0.004, Baseline: 0.001, Share: 0.98}}},
		Changes: []slo.NearChange{{Before: 4 * time.Minute, Reason: "a dependency", Change: slo.ChangeEvent{ID: "c1", Kind: slo.ChangeDeploy, At: started.Add(-4 * time.Minute),
			Service: "payment", Title: "payment 1.5.0", Version: "1.5.0", By: "ci", Link: "https://ci.example.com/42", Source: "api"}}},
		Examples: []slo.Example{{Trace: "4bf92f3577b34da6a3ce929d0e0e4736", Span: "00f067aa0ba902b7", At: started.Add(time.Minute), Duration: 46 * time.Millisecond,
			What: "payment charge card: the bank does not answer", Explained: true}},
	}
}
