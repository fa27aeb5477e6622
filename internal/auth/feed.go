package auth

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Credentials are what a program shows with what it sends.
type Credentials struct {
	// Authorization is the header or gRPC metadata of that name; "" for none.
	Authorization string
	// Certificate is the client certificate that TLS has verified; nil for none.
	Certificate *x509.Certificate
	// From is the address that it comes from.
	From string
}

// TokenIn is the token that an Authorization header carries, as Bearer or as the password of Basic,
// for programs that know no other way; false where there is no header. Any other credentials carry
// no token that counts.
func TokenIn(header string) (token string, has bool) {
	if header == "" {
		return "", false
	}
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return rest, true
	case strings.EqualFold(scheme, "Basic"):
		pair, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return "", true
		}
		_, password, _ := strings.Cut(string(pair), ":")
		return password, true
	}
	return "", true
}

// OfCertificate is who shows a client certificate that TLS has verified: it feeds, and nothing else.
func OfCertificate(c *x509.Certificate) Who {
	name := c.Subject.CommonName
	if name == "" && len(c.DNSNames) > 0 {
		name = c.DNSNames[0]
	}
	if name == "" {
		name = c.SerialNumber.String()
	}
	return Who{Name: cut("certificate "+name, mostLength), Way: ByCertificate, Feeds: true}
}

// The ways by which something is fed.
const (
	FeedOTLPGRPC    = "otlp_grpc"
	FeedOTLPHTTP    = "otlp_http"
	FeedRemoteWrite = "remote_write"
	FeedAlerts      = "alerts"
	FeedOther       = "other"
)

// FeedWays are all of them.
func FeedWays() []string {
	return []string{FeedOTLPGRPC, FeedOTLPHTTP, FeedRemoteWrite, FeedAlerts, FeedOther}
}

// Why says why something that is sent is not taken.
type Why string

// The reasons.
const (
	// NoCredentials were shown.
	NoCredentials Why = "missing"
	// NotKnown is a token that is unknown, expired or revoked, or a certificate that has expired.
	NotKnown Why = "unknown"
	// NotForFeeding is a token without the scope ingest.
	NotForFeeding Why = "scope"
	// TooManyWrong came from the address; it has to wait.
	TooManyWrong Why = "guessing"
	// NotToBeFoundOut is whose token it is, because the store does not answer.
	NotToBeFoundOut Why = "unavailable"
)

// Whys are all of them.
func Whys() []Why {
	return []Why{NoCredentials, NotKnown, NotForFeeding, TooManyWrong, NotToBeFoundOut}
}

// NotTaken is something that is sent and not taken.
type NotTaken struct {
	Why Why
	// Wait is how long to wait before sending again may help; 0 where it will not.
	Wait time.Duration
	// Err is what kept it from being found out.
	Err error
}

// Error says what to do, and nothing of what was shown.
func (e *NotTaken) Error() string {
	switch e.Why {
	case NoCredentials:
		return "send a token with the scope ingest as Authorization: Bearer bln_…, or as the password of Basic authentication; burnline tokens create NAME --scope ingest makes one (docs/access.md)"
	case NotKnown:
		return "the token is unknown, expired or revoked, or the client certificate has expired; burnline tokens create NAME --scope ingest makes another token"
	case NotForFeeding:
		return "the token is for something else; this takes one with the scope ingest; burnline tokens create NAME --scope ingest makes one"
	case TooManyWrong:
		return fmt.Sprintf("too many wrong tokens came from this address; send again in %s", max(time.Second, e.Wait.Round(time.Second)))
	}
	return fmt.Sprintf("it can't be found out at the moment whose token this is: %s", e.Err)
}

// Unwrap returns what kept it from being found out.
func (e *NotTaken) Unwrap() error { return e.Err }

// Loopback reports whether only this machine reaches an address, given as host:port.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
