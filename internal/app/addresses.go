package app

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"burnline/alerting"
)

// Addresses are where a running server is reached, with what a newcomer should
// know about it.
type Addresses struct {
	// UI is the URL at which the web page is served; OTLPGRPC and OTLPHTTP are host:port.
	UI, OTLPGRPC, OTLPHTTP string
	// OTLPTLS says that OTLP is taken by TLS.
	OTLPTLS bool
	// External is the URL that people open, and that links begin with: server.external_url, else UI.
	External string
	// StatusPage is the URL of what customers read; "" where there is none.
	StatusPage string
	// Access says in a sentence who gets in.
	Access string
	// SLOs counts the SLOs in force and SLOPaths is where they are read from.
	SLOs     int
	SLOPaths []string
	// Receivers counts who is told of incidents.
	Receivers int
	// Shadow says who is not told for real.
	Shadow alerting.Shadow
	// Data is the folder that keeps everything.
	Data string
}

// Greet says where everything is and what to do next.
func (a Addresses) Greet(w io.Writer) {
	a.External = strings.TrimRight(a.External, "/")
	fmt.Fprintf(w, "Burnline is ready.\n")
	fmt.Fprintf(w, "  look at      %s\n", a.External)
	if a.External != a.UI {
		fmt.Fprintf(w, "  listens on   %s\n", a.UI)
	}
	scheme := "http"
	if a.OTLPTLS {
		scheme = "https"
	}
	fmt.Fprintf(w, "  send OTLP to %s (gRPC) or %s://%s (HTTP)\n", reachable(a.OTLPGRPC), scheme, reachable(a.OTLPHTTP))
	fmt.Fprintf(w, "  Prometheus   %s/prometheus (data source for Grafana; remote write to %[1]s/prometheus/api/v1/write)\n", a.External)
	fmt.Fprintf(w, "  alerts       %s/alertmanager (for Prometheus' alerting section and amtool)\n", a.External)
	if a.StatusPage != "" {
		fmt.Fprintf(w, "  customers    %s\n", a.StatusPage)
	}
	fmt.Fprintf(w, "  data in      %s\n", a.Data)
	fmt.Fprintf(w, "%s\n", a.Access)
	if a.SLOs == 0 {
		fmt.Fprintf(w, "No SLO yet: burnline init proposes some from what arrives, or write one into %s (docs/slos.md); it is read as soon as it is saved.\n", first(a.SLOPaths, "slos/"))
	} else if a.SLOs == 1 {
		fmt.Fprintf(w, "1 SLO is watched.\n")
	} else {
		fmt.Fprintf(w, "%d SLOs are watched.\n", a.SLOs)
	}
	if a.Shadow.On {
		fmt.Fprintf(w, "Shadow mode: %s (docs/shadow.md).\n", whoIsTold(a.Shadow.Live))
	}
	if a.Receivers == 0 {
		fmt.Fprintf(w, "No receiver yet: incidents are shown and nobody is paged; name one under alerting.receivers in burnline.yaml (docs/paging.md).\n")
	}
}

// webAddress is how people reach what listens at an address.
func webAddress(scheme string, at net.Addr) string { return scheme + "://" + reachable(at.String()) }

// reachable is the host:port at which something is reached that listens at an address. One that stands for every
// address of the machine is no place to go to, so the machine's name takes its place.
func reachable(at string) string {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return at
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
		if name, err := os.Hostname(); err == nil && name != "" {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}

func first(values []string, otherwise string) string {
	if len(values) == 0 {
		return otherwise
	}
	return values[0]
}

// whoIsTold says who is told for real in shadow mode.
func whoIsTold(live []string) string {
	if len(live) == 0 {
		return "nobody is told of anything"
	}
	return "nobody is told of anything but " + strings.Join(live, ", ")
}
