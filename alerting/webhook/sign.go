package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// The headers of a signed request.
const (
	// TimestampHeader holds the time of sending, in seconds since the Unix epoch.
	TimestampHeader = "X-Burnline-Timestamp"
	// SignatureHeader holds "v1=" and the signature in hexadecimal; see Sign.
	SignatureHeader = "X-Burnline-Signature"
)

// Sign returns the signature of a body that is sent at a time: HMAC-SHA256, with the secret as
// key, of the timestamp as its header has it, a full stop, and the raw body. A receiver that refuses timestamps
// older than some minutes can't be sent an old message again.
func Sign(secret string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp(at) + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

func timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// signed are the headers of a signed body.
func signed(secret string, at time.Time, body []byte) http.Header {
	if secret == "" {
		return nil
	}
	return http.Header{TimestampHeader: {timestamp(at)}, SignatureHeader: {Sign(secret, at, body)}}
}
