package app

import (
	"strings"
	"testing"
)

// A machine's every address is none that somebody could send to.
func TestGreetNamesWhereOTLPIsReached(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	Addresses{OTLPGRPC: "[::]:14377", OTLPHTTP: "0.0.0.0:14378"}.Greet(&said)
	if got := said.String(); strings.Contains(got, "[::]") || strings.Contains(got, "0.0.0.0") || !strings.Contains(got, ":14377 (gRPC)") {
		t.Errorf("the greeting says:\n%s", got)
	}
}
