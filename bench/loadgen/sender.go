package loadgen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // the compressor that Gzip asks for
	"google.golang.org/grpc/mem"
)

// Sender sends one marshalled OTLP request and returns nil when it was
// accepted. It does not keep the body.
type Sender interface {
	Send(ctx context.Context, body []byte) error
}

// HTTP sends over HTTP.
type HTTP struct {
	// URL is where metrics are posted to, such as http://127.0.0.1:4318/v1/metrics.
	URL string
	// Gzip compresses bodies.
	Gzip bool
	// Token is brought with every request; "" for none.
	Token  string
	client http.Client
}

// NewHTTP returns a sender with that many connections kept open.
func NewHTTP(url string, gzip bool, connections int) *HTTP {
	return &HTTP{URL: url, Gzip: gzip, client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
}

// Send implements Sender.
func (h *HTTP) Send(ctx context.Context, body []byte) error {
	if h.Gzip {
		var buf bytes.Buffer
		w, err := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := w.Write(body); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		body = buf.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if h.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if h.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.Token)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%w: %s: %.200s", errStatus, resp.Status, answer)
	}
	return nil
}

// GRPC sends over gRPC, each call on the next of its connections.
type GRPC struct {
	conns []*grpc.ClientConn
	next  chan *grpc.ClientConn
	opts  []grpc.CallOption
}

// NewGRPC returns a sender with that many connections.
func NewGRPC(addr string, gzip bool, connections int) (*GRPC, error) {
	g := &GRPC{next: make(chan *grpc.ClientConn, connections), opts: []grpc.CallOption{grpc.ForceCodecV2(bytesCodec{})}}
	if gzip {
		g.opts = append(g.opts, grpc.UseCompressor("gzip"))
	}
	for range connections {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, fmt.Errorf("connect to %s: %w", addr, err)
		}
		g.conns = append(g.conns, conn)
		g.next <- conn
	}
	return g, nil
}

// Send implements Sender.
func (g *GRPC) Send(ctx context.Context, body []byte) error {
	conn := <-g.next
	defer func() { g.next <- conn }()
	var answer []byte
	return conn.Invoke(ctx, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", body, &answer, g.opts...)
}

// Close ends the connections.
func (g *GRPC) Close() error {
	for _, c := range g.conns {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}

// bytesCodec sends bytes as they are.
type bytesCodec struct{}

// Name implements encoding.CodecV2.
func (bytesCodec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2. The body is copied, since grpc may
// still write it when the next round changes it.
func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.Copy(v.([]byte), mem.DefaultBufferPool())}, nil
}

// Unmarshal implements encoding.CodecV2.
func (bytesCodec) Unmarshal(b mem.BufferSlice, v any) error {
	*v.(*[]byte) = b.Materialize()
	return nil
}
