package collector

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// wideWindow is a zstd frame of three blocks that asks its reader to keep 512 MiB.
func wideWindow() []byte {
	const windowLog, block, blocks = 29, 128 << 10, 3
	b := binary.LittleEndian.AppendUint32(nil, 0xFD2FB528)
	b = append(b, 0, (windowLog-10)<<3)
	for i := range blocks {
		const rle = 1
		head := uint32(block<<3 | rle<<1)
		if i == blocks-1 {
			head |= 1 // the last one
		}
		b = append(binary.LittleEndian.AppendUint32(b, head)[:len(b)+3], 0)
	}
	return b
}

// allocated returns how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAZstdBodyCannotClaimMemory(t *testing.T) {
	const most = 2 * zstdWindow
	r := start(t, "")
	t.Run("over HTTP", func(t *testing.T) {
		grown := allocated(func() {
			code, answer := post(t, r, "/v1/metrics", typeProto, "zstd", wideWindow())
			if code != http.StatusBadRequest || !strings.Contains(answer, "decompress") && !strings.Contains(answer, "read body") {
				t.Errorf("got %d %s", code, answer)
			}
		})
		if grown > most {
			t.Errorf("%d bytes of body allocated %d MiB", len(wideWindow()), grown>>20)
		}
	})
	t.Run("over gRPC", func(t *testing.T) {
		conn, err := grpc.NewClient(r.Endpoints().GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithCompressor(canned{wideWindow()}))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		grown := allocated(func() {
			var answer []byte
			err := conn.Invoke(t.Context(), "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", []byte("x"), &answer, grpc.ForceCodecV2(rawCodec{}))
			if status.Code(err) != codes.Internal {
				t.Errorf("got %v", err)
			}
		})
		if grown > most {
			t.Errorf("%d bytes of message allocated %d MiB", len(wideWindow()), grown>>20)
		}
	})
}

func TestZstdIsTakenOverGRPC(t *testing.T) {
	r := start(t, "")
	send := func(body []byte) error {
		conn, err := grpc.NewClient(r.Endpoints().GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithCompressor(canned{zst(t, body)}))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		var answer []byte
		return conn.Invoke(t.Context(), "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", []byte("x"), &answer, grpc.ForceCodecV2(rawCodec{}))
	}
	for range 2 { // the second one meets a reader that was used before
		if err := send(marshal(t, gauge("x"))); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.store.stored("x")); n != 2 {
		t.Errorf("stored %d", n)
	}
	if err := send(bytes.Repeat([]byte{0}, maxRequestMiB<<20+1)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("too large a message: %v", err)
	}
}

// canned compresses whatever it is given into the same bytes.
type canned struct{ body []byte }

func (canned) Type() string { return "zstd" }

func (c canned) Do(w io.Writer, _ []byte) error {
	_, err := w.Write(c.body)
	return err
}
