package fleet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
)

// perRequest is how many series one remote-write request carries.
const perRequest = 5000

// Feed writes the same samples to several servers by remote write.
type Feed struct {
	urls     []string
	counters []*Counter
	wire     [][]prompb.Label
	every    time.Duration
	// next is the time of the next round of samples.
	next time.Time
}

// NewFeed returns a feed that begins at from, with a sample of every series every so often.
func NewFeed(f Fleet, every time.Duration, from time.Time, urls ...string) *Feed {
	fd := &Feed{urls: urls, every: every, next: from}
	for i := range f.Services {
		for _, c := range f.Counters(i) {
			fd.counters = append(fd.counters, c)
			var wire []prompb.Label
			c.Labels.Range(func(l labels.Label) { wire = append(wire, prompb.Label{Name: l.Name, Value: l.Value}) })
			fd.wire = append(fd.wire, wire)
		}
	}
	return fd
}

// CatchUp writes every round up to now, and returns how many these were.
func (fd *Feed) CatchUp(ctx context.Context) (rounds int, _ error) {
	for !fd.next.After(time.Now()) {
		if err := fd.round(ctx, fd.next); err != nil {
			return rounds, err
		}
		rounds++
		fd.next = fd.next.Add(fd.every)
	}
	return rounds, nil
}

// Run writes a round at each interval until ctx ends.
func (fd *Feed) Run(ctx context.Context) error {
	for {
		if _, err := fd.CatchUp(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		timer := time.NewTimer(time.Until(fd.next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// round writes one sample of every series to every server.
func (fd *Feed) round(ctx context.Context, at time.Time) error {
	for i := 0; i < len(fd.counters); i += perRequest {
		body, err := fd.request(i, min(i+perRequest, len(fd.counters)), at)
		if err != nil {
			return err
		}
		errs := make([]error, len(fd.urls))
		var wg sync.WaitGroup
		for k, url := range fd.urls {
			wg.Go(func() { errs[k] = send(ctx, url, body) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// request encodes one sample of the series [from, to).
func (fd *Feed) request(from, to int, at time.Time) ([]byte, error) {
	req := prompb.WriteRequest{Timeseries: make([]prompb.TimeSeries, 0, to-from)}
	samples := make([]prompb.Sample, to-from)
	for i := from; i < to; i++ {
		samples[i-from] = prompb.Sample{Timestamp: at.UnixMilli(), Value: fd.counters[i].Value(at)}
		req.Timeseries = append(req.Timeseries, prompb.TimeSeries{Labels: fd.wire[i], Samples: samples[i-from : i-from+1]})
	}
	data, err := req.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode remote write: %w", err)
	}
	return snappy.Encode(nil, data), nil
}

func send(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build remote write: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("remote write: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1000))
	if err != nil {
		return fmt.Errorf("remote write to %s: %w", url, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("remote write to %s: %s: %s", url, resp.Status, answer)
	}
	return nil
}
