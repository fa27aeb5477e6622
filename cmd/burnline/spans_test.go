package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"burnline/internal/harness/pagerduty"
	"burnline/slo"
)

// spansSLO is shortSLO on the spans of the shop.
var spansSLO = strings.Replace(shortSLO, `    events:
      bad: 'shop_requests_total{job="shop",code="500"}'
      total: 'shop_requests_total{job="shop"}'
`, `    spans: {where: 'kind == SPAN_KIND_SERVER', bad: 'status.code == STATUS_CODE_ERROR or duration > 300ms'}
`, 1)

// newSpanStory is a server that runs, with an SLO on spans and a stand-in that is paged.
func newSpanStory(t *testing.T) *story {
	t.Helper()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", spansSLO)
	s.configure(fmt.Sprintf(`
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, listen(t, s.stand)+pagerduty.Path, routingKey))
	s.start()
	return s
}

// spans sends spans of the shop and knows how they count.
type spans struct {
	s    *story
	conn *grpc.ClientConn
	next atomic.Uint64
	// good and bad are those that were answered, and lost those that were sent again since no answer came.
	good, bad, lost atomic.Int64
}

func newSpans(s *story) *spans {
	s.t.Helper()
	conn, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return &spans{s: s, conn: conn}
}

// batch makes so many spans that ended a while ago, every n-th of them bad by its status, or by how long it took.
func (x *spans) batch(n int, ago time.Duration, every int) (td ptrace.Traces, bad int) {
	td = ptrace.NewTraces()
	r := td.ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "shop")
	all := r.ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		id := x.next.Add(1)
		sp := all.AppendEmpty()
		var trace [16]byte
		var span [8]byte
		binary.BigEndian.PutUint64(trace[:], id/3+1)
		binary.BigEndian.PutUint64(span[:], id)
		sp.SetTraceID(trace)
		sp.SetSpanID(span)
		sp.SetKind(ptrace.SpanKindServer)
		took := 10 * time.Millisecond
		if every > 0 && i%every == 0 { // not by the id: senders at once share the ids out among them
			bad++
			if bad%2 == 0 {
				took = time.Second
			} else {
				sp.Status().SetCode(ptrace.StatusCodeError)
			}
		}
		end := time.Now().Add(-ago)
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(end.Add(-took)))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(end))
		if id%5 == 0 { // one that is no event
			inner := all.AppendEmpty()
			sp.CopyTo(inner)
			binary.BigEndian.PutUint64(span[:], id|1<<63)
			inner.SetSpanID(span)
			inner.SetKind(ptrace.SpanKindInternal)
		}
	}
	return td, bad
}

// send sends a batch until it is answered.
func (x *spans) send(td ptrace.Traces, n, bad int) {
	client := ptraceotlp.NewGRPCClient(x.conn)
	ctx := x.s.soon()
	for {
		again := ptrace.NewTraces()
		td.CopyTo(again)
		if _, err := client.Export(ctx, ptraceotlp.NewExportRequestFromTraces(again), grpc.WaitForReady(true)); err == nil {
			break
		} else if ctx.Err() != nil {
			x.s.t.Error(err)
			return
		}
		x.lost.Add(int64(n))
	}
	x.bad.Add(int64(bad))
	x.good.Add(int64(n - bad))
}

func (x *spans) answered() slo.Counts {
	good, bad := float64(x.good.Load()), float64(x.bad.Load())
	return slo.Counts{Good: good, Total: good + bad}
}

// Four senders at once send every batch twice and in an order of their own, and some of it is late. The counts are those
// of the senders; late failures page nobody, those of now do, and good spans close the incident.
func TestAnSLOOnSpansCountsEachSpanOnceAndPages(t *testing.T) {
	t.Parallel()
	s := newSpanStory(t)
	x := newSpans(s)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				td, bad := x.batch(50, time.Duration(rand.IntN(60))*time.Second, 0)
				x.send(td, 50, bad)
				late, bad := x.batch(20, 10*time.Minute+time.Duration(rand.IntN(600))*time.Second, 2)
				x.send(late, 20, bad)
				x.send(td, 0, 0)
				x.send(late, 0, 0)
			}
		})
	}
	wg.Wait()
	want := x.answered()
	if want.Total != 2800 || want.Bad() != 400 {
		t.Fatalf("the senders sent %+v", want)
	}
	s.eventually(fmt.Sprintf("exactly %+v is counted", want), func() bool { return s.counted() == want })
	if n := len(s.stand.Events()); n > 0 {
		t.Errorf("%d pages for failures that were over ten minutes ago", n)
	}

	tell := func(what string, every int, done func() bool) {
		t.Helper()
		s.eventually(what, func() bool {
			td, bad := x.batch(10, 0, every)
			x.send(td, 10, bad)
			return done()
		})
	}
	tell("the page arrives", 1, func() bool { return len(s.stand.Events()) > 0 })
	if summary := s.stand.Events()[0].Event.Payload.Summary; !strings.Contains(summary, "requests") {
		t.Errorf("the page %q does not speak of requests", summary)
	}
	tell("the incident resolves", 0, func() bool { open, all := s.incidents(); return open == 0 && all == 1 })
	s.eventually("all of it is counted", func() bool { return s.counted() == x.answered() })
}

// The server is killed while spans come, and again. Only spans whose answer was lost may count twice, and
// none is missing.
func TestAKilledServerCountsEachSpanAtLeastOnceAndOnlyUnansweredOnesTwice(t *testing.T) {
	t.Parallel()
	s := newSpanStory(t)
	x := newSpans(s)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					td, bad := x.batch(20, 0, 7)
					x.send(td, 20, bad)
				}
			}
		})
	}
	for range 2 {
		from := x.answered().Total
		s.eventually("spans are answered", func() bool { return x.answered().Total > from+500 })
		s.server.Kill()
		s.start()
	}
	from := x.answered().Total
	s.eventually("spans are answered after the last kill", func() bool { return x.answered().Total > from+500 })
	close(stop)
	wg.Wait()
	sent, lost := x.answered(), float64(x.lost.Load())
	s.eventually(fmt.Sprintf("%+v and at most %v more are counted", sent, lost), func() bool {
		got := s.counted()
		return got.Total >= sent.Total && got.Bad() >= sent.Bad()
	})
	if got := s.counted(); got.Total > sent.Total+lost {
		t.Errorf("%+v is counted, sent were %+v, and %v got no answer", got, sent, lost)
	}
	t.Logf("sent %+v, counted %+v, %v without an answer", sent, s.counted(), lost)
}
