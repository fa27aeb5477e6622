package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"burnline/bench/loadgen"
)

// The shape of the load, as in the measurements of the peers: so many services with so many
// operations each, half of the operations serving requests.
const (
	services   = 20
	operations = 50
	children   = 8 // spans in a trace
)

// Marks stand in a marshalled request where each sending writes something new.
const (
	markStart uint64 = 0x7e57_0005_7e57_7e57
	markEnd   uint64 = 0x7e57_0006_7e57_7e57
)

// body is a marshalled request of one service's spans, and where its ids and times stand.
type body struct {
	bytes []byte
	spans int
	// Where each span has its ids and times.
	traces, ids, starts, ends []int
	flood                     []int // values of an attribute that is new each time
}

// floodMark is the value of the attribute that a flood makes new; as many digits take its place.
const floodMark = "flood-0123456789"

// newBody makes the request of one service.
func newBody(service, spans int, flood bool) (*body, error) {
	td := ptrace.NewTraces()
	r := td.ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "service-"+strconv.Itoa(service))
	r.Resource().Attributes().PutStr("service.instance.id", "instance-"+strconv.Itoa(service))
	all := r.ScopeSpans().AppendEmpty().Spans()
	b := &body{spans: spans}
	for i := range spans {
		span(all.AppendEmpty(), i, flood)
	}
	var err error
	if b.bytes, err = ptraceotlp.NewExportRequestFromTraces(td).MarshalProto(); err != nil {
		return nil, fmt.Errorf("build the load: %w", err)
	}
	return b, b.find()
}

// span fills a span of 13 attributes, 370 bytes when marshalled.
func span(s ptrace.Span, i int, flood bool) {
	var trace [16]byte
	var id [8]byte
	binary.BigEndian.PutUint64(trace[:], 0x7e57_7e57_7e57_7e57)
	binary.BigEndian.PutUint64(trace[8:], uint64(i+1))
	binary.BigEndian.PutUint64(id[:], uint64(i+1)|0x7e58<<48)
	s.SetTraceID(trace)
	s.SetSpanID(id)
	operation := i % operations
	s.SetName("/api/v1/route/" + strconv.Itoa(operation))
	s.SetKind(ptrace.SpanKindServer)
	if operation%2 == 1 {
		s.SetKind(ptrace.SpanKindInternal)
	}
	if i%100 == 7 {
		s.Status().SetCode(ptrace.StatusCodeError)
	}
	s.SetStartTimestamp(pcommon.Timestamp(markStart))
	s.SetEndTimestamp(pcommon.Timestamp(markEnd))
	a := s.Attributes()
	if flood {
		s.SetName("/" + floodMark)
	}
	a.PutStr("http.request.method", "GET")
	a.PutStr("http.route", "/api/v1/route")
	a.PutInt("http.response.status_code", 200)
	a.PutStr("url.scheme", "https")
	a.PutStr("server.address", "shop")
	a.PutInt("server.port", 8443)
	a.PutStr("network.protocol.version", "1.1")
	a.PutStr("user_agent", "curl/8")
	a.PutStr("cloud.region", "region-"+strconv.Itoa(i%4))
	a.PutStr("tier", "gold")
	a.PutStr("enduser.id", "customer-"+strconv.Itoa(i))
	a.PutInt("thread.id", int64(i))
	a.PutBool("cached", i%2 == 0)
}

// find notes where ids and times stand.
func (b *body) find() error {
	for i := 0; i+8 <= len(b.bytes); i++ {
		switch at := b.bytes[i:]; {
		case binary.BigEndian.Uint64(at) == 0x7e57_7e57_7e57_7e57:
			b.traces = append(b.traces, i)
			i += 15
		case at[0] == 0x7e && at[1] == 0x58:
			b.ids = append(b.ids, i)
			i += 7
		case binary.LittleEndian.Uint64(at) == markStart:
			b.starts = append(b.starts, i)
			i += 7
		case binary.LittleEndian.Uint64(at) == markEnd:
			b.ends = append(b.ends, i)
			i += 7
		case bytes.HasPrefix(at, []byte(floodMark)):
			b.flood = append(b.flood, i)
		}
	}
	if len(b.traces) != b.spans || len(b.ids) != b.spans || len(b.starts) != b.spans || len(b.ends) != b.spans {
		return errors.New("build the load: the ids and times of a request are not where they should be")
	}
	return nil
}

// set gives every span an id of its own and has it end now.
func (b *body) set(number *uint64, now time.Time, r *rand.Rand) {
	for i := range b.spans {
		*number++
		trace := *number/children + 1
		binary.BigEndian.PutUint64(b.bytes[b.traces[i]:], trace)
		binary.BigEndian.PutUint64(b.bytes[b.traces[i]+8:], trace*0x9e37_79b9_7f4a_7c15)
		binary.BigEndian.PutUint64(b.bytes[b.ids[i]:], *number)
		took := time.Duration(1+r.IntN(300)) * time.Millisecond
		binary.LittleEndian.PutUint64(b.bytes[b.starts[i]:], uint64(now.Add(-took).UnixNano()))
		binary.LittleEndian.PutUint64(b.bytes[b.ends[i]:], uint64(now.UnixNano()))
	}
	for _, at := range b.flood {
		*number++
		copy(b.bytes[at:], fmt.Sprintf("flood-%010d", *number%1e10))
	}
}

// sent is what a run did.
type sent struct {
	spans, requests int64
	elapsed         time.Duration
}

// load sends for a while, over so many connections. number is the first id of spans that was not used.
func load(ctx context.Context, url string, o options, flood bool, length time.Duration, number *atomic.Uint64) (sent, error) {
	to := loadgen.NewHTTP(url, false, o.connections)
	ctx, cancel := context.WithTimeout(ctx, length+30*time.Second)
	defer cancel()
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed error
		s      sent
	)
	began := time.Now()
	for c := range o.connections {
		bodies := make([]*body, 0, services)
		for i := range services {
			b, err := newBody((c+i)%services, o.spans, flood)
			if err != nil {
				return s, err
			}
			bodies = append(bodies, b)
		}
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 1))
			for i := 0; time.Since(began) < length; i++ {
				b := bodies[i%len(bodies)]
				id := number.Add(uint64(2*b.spans)) - uint64(2*b.spans)
				b.set(&id, time.Now(), r)
				if err := to.Send(ctx, b.bytes); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				atomic.AddInt64(&s.spans, int64(b.spans))
				atomic.AddInt64(&s.requests, 1)
			}
		})
	}
	all.Wait()
	s.elapsed = time.Since(began)
	return s, failed
}
