package slo_test

import (
	"slices"
	"testing"

	"burnline/slo"
)

func TestDependencies(t *testing.T) {
	define := func(id, service, name string, on ...string) slo.Definition {
		return slo.Definition{ID: id, Service: service, Name: name, DependsOn: on}
	}
	all := slo.DependenciesOf([]slo.Definition{
		define("web/home", "web", "home", "shop/buy", "shop/buy"),
		define("shop/buy", "shop", "buy", "bank/pay", "nobody/knows"),
		define("bank/pay/99", "bank", "pay"), define("bank/pay/99.9", "bank", "pay"),
		define("a/a", "a", "a", "b/b"), define("b/b", "b", "b", "c/c"), define("c/c", "c", "c", "b/b", "bank/pay/99"),
		define("d/d", "d", "d", "d/d"),
	})
	for _, c := range []struct {
		name, id string
		want     []string
		circle   bool
	}{
		{"an SLO without dependencies has none", "bank/pay/99", nil, false},
		{"a name of several objectives stands for all of them", "shop/buy", []string{"bank/pay/99", "bank/pay/99.9"}, false},
		{"dependencies of dependencies come after the nearest", "web/home", []string{"shop/buy", "bank/pay/99", "bank/pay/99.9"}, false},
		{"one that leads into a circle is on none", "a/a", []string{"b/b", "c/c", "bank/pay/99"}, false},
		{"in a circle nothing explains what depends on it", "b/b", []string{"bank/pay/99"}, true},
		{"one that names itself is a circle", "d/d", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := all.Of(c.id); !slices.Equal(got, c.want) {
				t.Errorf("it depends on %q, want %q", got, c.want)
			}
			if got := all.Circle(c.id); got != c.circle {
				t.Errorf("on a circle: %v", got)
			}
		})
	}
}
