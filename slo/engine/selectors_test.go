package engine

import (
	"slices"
	"testing"

	"burnline/slo"
)

func TestNothingIsReadTwiceThatAnotherSelectorCovers(t *testing.T) {
	t.Parallel()
	is := func(label, value string) slo.Matcher {
		return slo.Matcher{Label: label, Op: slo.MatchEqual, Value: value}
	}
	sel := func(name string, matchers ...slo.Matcher) slo.Selector {
		return slo.Selector{Name: name, Matchers: matchers}
	}
	shop, bad := is("service", "shop"), slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: "5.."}
	for _, c := range []struct {
		name string
		sli  slo.SLI
		want []string
	}{
		{
			"bad events are among the total", slo.SLI{Events: &slo.EventsSLI{
				Bad: []slo.Signed{{Selector: sel("hits", shop, bad)}}, Total: []slo.Signed{{Selector: sel("hits", shop)}},
			}}, []string{`hits{service="shop"}`},
		},
		{
			"in whatever order the matchers stand", slo.SLI{Events: &slo.EventsSLI{
				Bad: []slo.Signed{{Selector: sel("hits", bad, shop)}}, Total: []slo.Signed{{Selector: sel("hits", shop, is("code", "")), Minus: true}, {Selector: sel("hits", shop)}},
			}}, []string{`hits{service="shop"}`},
		},
		{
			"another metric, and another value, are read", slo.SLI{Events: &slo.EventsSLI{
				Bad: []slo.Signed{{Selector: sel("failures", shop)}, {Selector: sel("hits", is("service", "cart"))}}, Total: []slo.Signed{{Selector: sel("hits", shop)}},
			}}, []string{`failures{service="shop"}`, `hits{service="cart"}`, `hits{service="shop"}`},
		},
		{
			"the same label may be matched otherwise", slo.SLI{Events: &slo.EventsSLI{
				Bad:   []slo.Signed{{Selector: sel("hits", slo.Matcher{Label: "service", Op: slo.MatchNotEqual, Value: "shop"})}},
				Total: []slo.Signed{{Selector: sel("hits", shop)}},
			}}, []string{`hits{service!="shop"}`, `hits{service="shop"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table, err := newTable(&slo.Definition{ID: "shop/availability", SLI: c.sli})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range table.selectors() {
				got = append(got, s.String())
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("reads %q, want %q", got, c.want)
			}
		})
	}
}
