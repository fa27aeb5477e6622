package shop_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"burnline/examples/shop"
	"burnline/internal/harness/patience"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open runs a shop and returns it with a function that closes it, and waits for that.
func open(t *testing.T, opts shop.Options) (*shop.Shop, func()) {
	t.Helper()
	if opts.RequestsPerSecond == 0 {
		opts.RequestsPerSecond = 120
	}
	opts.ExportInterval, opts.Patience = 100*time.Millisecond, patience.Limit
	s, err := shop.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	closeShop := sync.OnceFunc(func() {
		cancel()
		if err := patience.Receive(t, "the shop ends", ended); err != nil {
			t.Errorf("the shop ended with an error: %v", err)
		}
	})
	t.Cleanup(closeShop)
	select {
	case <-s.Ready():
	case err := <-ended:
		t.Fatalf("the shop did not open: %v", err)
	}
	return s, closeShop
}

func TestCustomersBuyAndTheRequestsAreReportedByEveryServiceAndRegion(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	open(t, shop.Options{OTLPEndpoint: sink.addr})
	for _, service := range []string{shop.Storefront, shop.Checkout, shop.Payment} {
		for _, region := range shop.Regions() {
			patience.Until(t, "requests with status 200 at "+service+" in "+region, func() bool {
				n, _ := sink.requests(service+"/"+region, http.StatusOK)
				return n > 5
			})
		}
	}
	patience.Until(t, "one trace through all three services that names the customer", sink.traced)
}

func TestABrokenRegionFailsAloneAndRecovers(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	s, _ := open(t, shop.Options{OTLPEndpoint: sink.addr})
	if err := s.Break("eu"); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "checkout in eu answers 502", func() bool {
		n, _ := sink.requests("checkout/eu", http.StatusBadGateway)
		return n > 5
	})
	stats := s.Stats()
	if stats["eu"].BuyFailed == 0 || stats["us"].BuyFailed != 0 {
		t.Errorf("customers who could not buy: %d in eu and %d in us; want some and none", stats["eu"].BuyFailed, stats["us"].BuyFailed)
	}
	if stats["eu"].BrowseFailed != 0 {
		t.Errorf("%d customers could not browse although only payment fails", stats["eu"].BrowseFailed)
	}
	s.Heal()
	before := s.Stats()["eu"]
	patience.Until(t, "fifty purchases in eu without a failure", func() bool {
		now := s.Stats()["eu"]
		if now.BuyFailed > before.BuyFailed {
			before = now
		}
		return now.Bought >= before.Bought+50
	})
}

func TestADeployReplacesCheckoutWithoutLosingACustomer(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	s, _ := open(t, shop.Options{OTLPEndpoint: sink.addr})
	version, err := s.Deploy(t.Context(), "eu")
	if err != nil || version != "1.5.0" {
		t.Fatalf("deployed %q, %v", version, err)
	}
	before := s.Stats()["eu"]
	patience.Until(t, "twenty purchases in eu after the deploy", func() bool { return s.Stats()["eu"].Bought >= before.Bought+20 })
	if failed := s.Stats()["eu"].BuyFailed; failed != 0 {
		t.Errorf("%d purchases failed while it was deployed", failed)
	}
	if _, err := s.Deploy(t.Context(), "mars"); err == nil {
		t.Error("a region that there is not was deployed to")
	}
}

func TestASlowRegionAnswersLateButWell(t *testing.T) {
	t.Parallel()
	sink := newSink(t)
	s, _ := open(t, shop.Options{OTLPEndpoint: sink.addr, RequestsPerSecond: 40})
	if err := s.Slow("us"); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "checkout in us takes longer than 250 ms", func() bool {
		_, slow := sink.requests("checkout/us", http.StatusOK)
		return slow > 5
	})
	if failed := s.Stats()["us"].BuyFailed; failed != 0 {
		t.Errorf("%d purchases failed although payment is only slow", failed)
	}
}

func TestAnyoneCanAskTheStorefront(t *testing.T) {
	t.Parallel()
	s, _ := open(t, shop.Options{OTLPEndpoint: newSink(t).addr, RequestsPerSecond: 1})
	for _, region := range shop.Regions() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(region)+"/buy", nil)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		transport.CloseIdleConnections()
		if err != nil || resp.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != "paid" {
			t.Errorf("POST /buy in %s answers %d %q, %v", region, resp.StatusCode, body, err)
		}
	}
}

func TestTheShopClosesWhateverTheReceiverDoes(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for name, addr := range map[string]string{
		"nobody listens":       gone.Addr().String(),
		"it never says a word": silent.Addr().String(),
		"it takes everything":  newSink(t).addr,
	} {
		t.Run(name, func(t *testing.T) {
			s, closeShop := open(t, shop.Options{OTLPEndpoint: addr})
			patience.Until(t, "ten purchases", func() bool { return s.Stats()["eu"].Bought+s.Stats()["us"].Bought > 10 })
			closeShop()
		})
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, opts := range map[string]shop.Options{
		"no endpoint":              {},
		"an endpoint without port": {OTLPEndpoint: "localhost"},
		"too many requests":        {OTLPEndpoint: "localhost:4317", RequestsPerSecond: 501},
		"a negative rate":          {OTLPEndpoint: "localhost:4317", RequestsPerSecond: -1},
		"a share above one":        {OTLPEndpoint: "localhost:4317", FailureShare: 2},
		"a negative interval":      {OTLPEndpoint: "localhost:4317", ExportInterval: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shop.New(opts); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestAnUnknownRegionIsRefused(t *testing.T) {
	s, err := shop.New(shop.Options{OTLPEndpoint: "localhost:4317"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Break("mars") == nil || s.Slow("mars") == nil {
		t.Error("a region that the shop does not have was accepted")
	}
}
