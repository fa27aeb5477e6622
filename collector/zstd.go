package collector

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc"
)

// zstdWindow is the most history, in bytes, that a zstd body may ask its reader
// to keep. The library's own limit is 512 MiB, which a body of 18 bytes can claim;
// encoders at their highest levels ask for 32 MiB.
const zstdWindow = 32 << 20

// zstdReaders are readers for reuse: a new one allocates much.
type zstdReaders struct{ pool sync.Pool }

// open returns a reader of the decompressed body, which is closed with it.
func (z *zstdReaders) open(body io.ReadCloser) (io.ReadCloser, error) {
	d, _ := z.pool.Get().(*zstd.Decoder)
	if d != nil {
		if err := d.Reset(body); err != nil {
			return nil, err
		}
		return &zstdBody{readers: z, decoder: d, body: body}, nil
	}
	d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &zstdBody{readers: z, decoder: d, body: body}, nil
}

// zstdBody is one body that is being decompressed.
type zstdBody struct {
	readers *zstdReaders
	decoder *zstd.Decoder // nil once closed
	body    io.Closer
}

// Read implements io.Reader.
func (b *zstdBody) Read(p []byte) (int, error) {
	if b.decoder == nil {
		return 0, zstd.ErrDecoderClosed
	}
	return b.decoder.Read(p)
}

// Close implements io.Closer.
func (b *zstdBody) Close() error {
	if b.decoder == nil {
		return nil
	}
	d := b.decoder
	b.decoder = nil
	err := d.Reset(nil)
	if err == nil {
		b.readers.pool.Put(d)
	}
	return errors.Join(err, b.body.Close())
}

// zstdMessages decompresses gRPC messages; grpc's own registry has room for one
// zstd in the process, and the Collector's does not bound the window.
type zstdMessages struct {
	readers *zstdReaders
	limit   int64 // bytes of one message
}

var _ grpc.Decompressor = zstdMessages{}

// Type implements grpc.Decompressor.
func (zstdMessages) Type() string { return "zstd" }

// Do implements grpc.Decompressor. Of a message beyond the limit it returns one
// byte too many, by which grpc refuses it.
func (m zstdMessages) Do(r io.Reader) ([]byte, error) {
	body, err := m.readers.open(io.NopCloser(r))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(body, m.limit+1))
	return b, errors.Join(err, body.Close())
}
