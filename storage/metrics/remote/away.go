package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
)

// errPartial and errNotWhole are answers of a backend of which a part does not answer.
var (
	errPartial  = errors.New("the answer is partial: a part of the backend is away")
	errNotWhole = errors.New("the answer may not be whole")
)

// Away reports whether an error of Ping says that the backend can't answer now and may later, with the same settings: it can't be reached,
// its name is not known, it does not answer in time, it is overloaded or starting, a part of it is missing, its certificate ran out. A backend
// that lets nobody in, has nothing at the path, redirects, or speaks another protocol is not away: only other settings help.
func Away(err error) bool {
	var (
		status  *statusError
		refused tls.AlertError
		invalid x509.CertificateInvalidError
		network net.Error
		file    *fs.PathError
	)
	switch {
	case errors.As(err, &status):
		return status.code == http.StatusTooManyRequests || status.code/100 == 5
	case errors.As(err, &invalid):
		return invalid.Reason == x509.Expired
	case errors.As(err, &file) || errors.As(err, &refused) || errors.Is(err, context.Canceled):
		return false // a file of a token that is not there is no answer either
	case errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return true
	}
	return errors.Is(err, errPartial) || errors.Is(err, errNotWhole)
}
