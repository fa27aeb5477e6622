package promapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/golang/snappy"
)

// bodyError is a body that can't be read, with the status to answer.
type bodyError struct {
	code    int
	message string
}

// Error implements error.
func (e *bodyError) Error() string { return e.message }

func tooLarge(limit int64) error {
	return &bodyError{http.StatusRequestEntityTooLarge,
		fmt.Sprintf("the body is larger than %d bytes (after decompression); send less at once", limit)}
}

// readSnappy returns the decompressed body of a remote write. The size is
// judged from the header, before memory is taken for it.
func readSnappy(r *http.Request, limit int64) ([]byte, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "snappy" {
		return nil, &bodyError{http.StatusUnsupportedMediaType, fmt.Sprintf("content encoding %q; remote write is snappy", enc)}
	}
	packed, err := readAll(r.Body, limit)
	if err != nil {
		return nil, err
	}
	size, err := snappy.DecodedLen(packed)
	if err != nil {
		return nil, &bodyError{http.StatusBadRequest, "the body is not snappy: " + err.Error()}
	}
	if int64(size) > limit {
		return nil, tooLarge(limit)
	}
	body, err := snappy.Decode(nil, packed)
	if err != nil {
		return nil, &bodyError{http.StatusBadRequest, "the body is not snappy: " + err.Error()}
	}
	return body, nil
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, &bodyError{http.StatusBadRequest, "read body: " + err.Error()}
	}
	if int64(len(body)) > limit {
		return nil, tooLarge(limit)
	}
	return body, nil
}

// statusOf returns the HTTP status of a body that could not be read.
func statusOf(err error) int {
	var b *bodyError
	if errors.As(err, &b) {
		return b.code
	}
	return http.StatusBadRequest
}
